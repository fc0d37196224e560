// @ts-check
/** A session through a proxy: real Baileys, a sandbox under a name that only the proxy knows. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LINK, openUnpairedSession, startConnector, startSandbox } from '../../support/connector/harness.js'
import { certificate, openHttpProxy, openLiar, openSocksProxy } from '../../support/connector/proxies.js'

/** @typedef {import('node:test').TestContext} TestContext */

/** No resolver knows it (RFC 6761). */
const NAME = 'whatsapp.invalid'
const PASSWORD = 's3cr3t%40word'

/** A sandbox that is reached by name. @param {TestContext} t */
async function openWhatsApp(t) {
  const sandbox = await startSandbox(t)
  const port = Number(new URL(sandbox.environment.MOTTE_WHATSAPP_URL).port)
  return {
    ...sandbox,
    port,
    environment: { ...sandbox.environment, MOTTE_WHATSAPP_URL: `ws://${NAME}:${port}/ws/chat` }
  }
}

/** @param {TestContext} t @param {Awaited<ReturnType<typeof openWhatsApp>>} whatsapp @param {string | null} proxy */
function start(t, whatsapp, proxy, environment = {}) {
  return openUnpairedSession(t, whatsapp, environment, { link: { ...LINK, proxy } })
}

/** A session that is paired and open. @param {TestContext} t @param {Awaited<ReturnType<typeof openWhatsApp>>} whatsapp @param {string} proxy */
async function pair(t, whatsapp, proxy) {
  const { session, front, connector, settings } = await start(t, whatsapp, proxy)
  await whatsapp.scan((await front.qr()).payload)
  await connector.exit()
  const second = startConnector(t, session, settings)
  await front.meet(1, { account: '15551234567', link: { ...LINK, proxy } })
  await front.next('opened')
  return { session, front, first: connector, connector: second }
}

for (const [kind, open] of /** @type {const} */ ([
  ['http', openHttpProxy],
  ['socks5', openSocksProxy]
]))
  test(`a session pairs, opens and receives through ${kind}, which looks names up`, async t => {
    const whatsapp = await openWhatsApp(t)
    const proxy = await open(t, { to: whatsapp.port, credentials: `ann:${decodeURIComponent(PASSWORD)}` })
    const { front, first, connector } = await pair(t, whatsapp, `${kind}://ann:${PASSWORD}@${proxy.address}`)
    await whatsapp.send({ text: 'Hello' })
    assert.equal((await front.next('message_received')).text, 'Hello')
    assert.deepEqual(proxy.asked, Array(2).fill(`${NAME}:${whatsapp.port}`))
    assertNoPassword(first.output, connector.output)
  })

test('a session goes through an https proxy', async t => {
  const whatsapp = await openWhatsApp(t)
  const { key, cert, file } = certificate(t, 'localhost')
  const proxy = await openHttpProxy(t, { to: whatsapp.port, tls: { key, cert } })
  const { front } = await start(t, whatsapp, `https://localhost:${proxy.address.split(':')[1]}`, {
    NODE_EXTRA_CA_CERTS: file
  })
  await whatsapp.scan((await front.qr()).payload)
})

test('connections to loopback use no proxy', async t => {
  const sandbox = await startSandbox(t)
  const proxy = await openHttpProxy(t, { to: 1 })
  const { front } = await openUnpairedSession(t, sandbox, {}, { link: { ...LINK, proxy: proxy.url } })
  await sandbox.scan((await front.qr()).payload)
  assert.deepEqual(proxy.asked, [])
})

test('proxy variables of other programs have no effect', async t => {
  const whatsapp = await openWhatsApp(t)
  const proxy = await openHttpProxy(t, { to: whatsapp.port })
  const environment = { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url, ALL_PROXY: proxy.url, NODE_USE_ENV_PROXY: '1' }
  const { front } = await start(t, whatsapp, null, environment)
  assert.equal((await front.next('closed')).reason.code, 'whatsapp-unreachable')
  assert.deepEqual(proxy.asked, [])
})

test('an unpaired session whose proxy changes ends with its code', async t => {
  const whatsapp = await openWhatsApp(t)
  const first = await openHttpProxy(t, { to: whatsapp.port })
  const second = await openSocksProxy(t, { to: whatsapp.port })
  const { session, front, connector, settings } = await start(t, whatsapp, first.url)
  const { payload } = await front.qr()
  front.say({ command: 'set_link', link: { ...LINK, proxy: second.url } })
  assert.deepEqual(await connector.exit(), { code: 0, signal: null })
  await assert.rejects(whatsapp.scan(payload), /code-dead/)
  startConnector(t, session, settings)
  await front.meet(0, { link: { ...LINK, proxy: second.url } })
  await whatsapp.scan((await front.qr()).payload)
  assert.deepEqual([first.asked.length, second.asked.length], [1, 1])
})

test('a paired session whose proxy changes connects at once through the new one', async t => {
  const whatsapp = await openWhatsApp(t)
  const [old, next] = [await openHttpProxy(t, { to: whatsapp.port }), await openSocksProxy(t, { to: whatsapp.port })]
  const { front, connector } = await pair(t, whatsapp, old.url)
  const asked = old.asked.length
  front.say({ command: 'set_link', link: { ...LINK, proxy: next.url } })
  const closed = await front.next('closed')
  assert.deepEqual([closed.reason.code, closed.retryIn], ['proxy-changed', 0])
  await front.next('opened')
  assert.deepEqual([old.asked.length, next.asked.length], [asked, 1])
  assert.equal(connector.child.exitCode, null)
})

test('a paired session that waits for its next try connects at once when it gets another proxy', async t => {
  const whatsapp = await openWhatsApp(t)
  const [old, next] = [await openHttpProxy(t, { to: whatsapp.port }), await openHttpProxy(t, { to: whatsapp.port })]
  const { front } = await pair(t, whatsapp, old.url)
  const dead = await openLiar(t, socket => socket.destroy())
  front.say({ command: 'set_link', link: { ...LINK, proxy: dead.url } })
  assert.equal((await front.next('closed')).reason.code, 'proxy-changed')
  const failed = await front.next('closed')
  assert.equal(failed.reason.code, 'proxy-failed')
  assert.ok(failed.retryIn > 0)
  front.say({ command: 'set_link', link: { ...LINK, proxy: next.url } })
  await front.next('opened')
})

test('a proxy that refuses is named as the cause, without its password', async t => {
  const whatsapp = await openWhatsApp(t)
  const proxy = await openHttpProxy(t, { to: whatsapp.port, credentials: 'ann:another' })
  const { front, connector } = await start(t, whatsapp, `http://ann:${PASSWORD}@${proxy.address}`)
  const { reason, retryIn } = await front.next('closed')
  assert.deepEqual([reason.code, retryIn ?? null], ['proxy-failed', null])
  assert.ok(
    reason.detail.endsWith(`: http://${proxy.address}: it does not take the user and the password (407)`),
    reason.detail
  )
  assert.deepEqual(await connector.exit(), { code: 0, signal: null })
  assertNoPassword(connector.output, reason)
})

test('a proxy that accepts the connection and does not answer fails within ten seconds', async t => {
  const whatsapp = await openWhatsApp(t)
  const liar = await openLiar(t, socket => void socket.resume())
  const began = Date.now()
  const { front } = await start(t, whatsapp, liar.url)
  const { reason } = await front.next('closed')
  assert.equal(reason.detail, `the proxy does not lead to WhatsApp: ${liar.url}: no answer within 8 s`)
  assert.ok(Date.now() - began < 12_000)
})

test('if WhatsApp fails behind a working proxy, the reason names WhatsApp, and the detail names the proxy', async t => {
  const whatsapp = await openWhatsApp(t)
  const proxy = await openHttpProxy(t, { to: whatsapp.port })
  await whatsapp.faults({ upgradeStatus: 503 })
  const { front } = await start(t, whatsapp, proxy.url)
  const { reason } = await front.next('closed')
  assert.equal(reason.code, 'whatsapp-unreachable')
  assert.equal(reason.detail, `WhatsApp cannot be reached: HTTP 503 (through the proxy http://${proxy.address})`)
})

test('no library writes the password when DEBUG is set', async t => {
  const whatsapp = await openWhatsApp(t)
  const proxy = await openHttpProxy(t, { to: whatsapp.port, credentials: `ann:${decodeURIComponent(PASSWORD)}` })
  const { front, connector } = await start(t, whatsapp, `http://ann:${PASSWORD}@${proxy.address}`, { DEBUG: '*' })
  await front.qr()
  assertNoPassword(connector.output)
  assert.doesNotMatch(connector.output.stderr, /https-proxy-agent/)
})

/** @param {...object} said */
function assertNoPassword(...said) {
  const text = JSON.stringify(said)
  for (const form of [
    PASSWORD,
    decodeURIComponent(PASSWORD),
    Buffer.from(`ann:${decodeURIComponent(PASSWORD)}`).toString('base64')
  ])
    assert.ok(!text.includes(form), text)
}
