// @ts-check
/** Tunnels through proxies that fail. */

import assert from 'node:assert/strict'
import { once as event } from 'node:events'
import { createServer, get } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { test } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { isLoopback, openTunnel, openTunnelTo } from '../../../connector/network/proxy_agent.js'
import { routeFetch } from '../../../connector/network/proxy_fetch.js'
import { ending } from '../../../connector/session/baileys_errors.js'
// @ts-expect-error it has no types at this address
import WebSocket, { WebSocketServer } from '../../../connector/node_modules/ws/wrapper.mjs'
import { certificate, openHttpProxy, openLiar, openSocksProxy } from '../../support/connector/proxies.js'

/** @typedef {import('node:test').TestContext} TestContext */

const PASSWORD = 's3cr3t%40word'
const UNREACHABLE = ending('whatsapp-unreachable', 'no answer')

/** @type {[string, string, (socket: import('node:net').Socket) => void, RegExp][]} */
const LIES = [
  ['http', 'closes', socket => socket.end(), /closed the connection/],
  ['http', 'resets', socket => socket.resetAndDestroy(), /cut the connection/],
  [
    'http',
    'wants other credentials',
    socket => once(socket, 'HTTP/1.1 407 s3cr3t\r\n\r\n'),
    /it does not take the user and the password \(407\)/
  ],
  [
    'http',
    'cannot reach WhatsApp',
    socket => once(socket, 'HTTP/1.1 502 Bad Gateway\r\n\r\n<html>'),
    /it answered 502 Bad Gateway/
  ],
  ['http', 'speaks no HTTP', socket => once(socket, '\x00\xff s3cr3t\r\n\r\n'), /its answer is not HTTP/],
  ['https', 'speaks no TLS', socket => once(socket, 'HTTP/1.1 400 Bad Request\r\n\r\n'), /it does not speak TLS/],
  ['socks5', 'closes', socket => socket.end(), /closed the connection/],
  [
    'socks5',
    'speaks no SOCKS',
    socket => once(socket, 'HTTP/1.1 400 Bad Request\r\n\r\n'),
    /its answer cannot be understood/
  ],
  [
    'socks5',
    'wants other credentials',
    socket => once(socket, Buffer.from([5, 0xff])),
    /does not take the user and the password/
  ],
  ['socks5', 'cannot reach WhatsApp', refuseSocks, /cannot reach WhatsApp \(HostUnreachable\)/]
]

for (const [scheme, what, answer, words] of LIES)
  test(`${scheme}: a proxy that ${what} is named as the cause, without its password`, async t => {
    const liar = await openLiar(t, answer, scheme)
    const { code, detail } = await failure(`${scheme}://ann:${PASSWORD}@${liar.address}`)
    assert.equal(code, 'proxy-failed')
    assert.match(detail, words)
    assert.ok(detail.startsWith(`${ending('proxy-failed').detail}: ${scheme}://${liar.address}: `), detail)
    assert.doesNotMatch(detail, /s3cr3t/)
  })

for (const scheme of ['http', 'https', 'socks5'])
  test(`${scheme}: a proxy that refuses connections is named as the cause`, async () => {
    const { detail } = await failure(`${scheme}://127.0.0.1:9`)
    assert.equal(detail, `${ending('proxy-failed').detail}: ${scheme}://127.0.0.1:9: it refuses the connection`)
  })

for (const scheme of ['http', 'https'])
  test(`${scheme}: a connection to a proxy that says nothing is closed when the time is up`, async t => {
    const liar = await openLiar(t, socket => void socket.resume(), scheme)
    assert.match((await failure(liar.url, 200)).detail, /no answer within 0.2 s$/)
    while (liar.open() > 0) await new Promise(resolve => setTimeout(resolve, 5))
  })

test('a proxy that never ends its answer is given up in time, and what it sent is let go', async t => {
  const liar = await openLiar(t, flood)
  assert.match((await failure(liar.url, 500)).detail, /no answer within 0.5 s$/)
  while (liar.open() > 0) await new Promise(resolve => setTimeout(resolve, 5))
})

test('a proxy at an IPv6 address is reached', async t => {
  const server = createServer((_, response) => response.end())
  server.listen(0, '::1')
  await event(server, 'listening')
  t.after(() => server.close())
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  for (const scheme of ['http', 'socks5'])
    assert.match((await failure(`${scheme}://[::1]:${port}`)).detail, /it answered|closed|cannot be understood/)
})

test('what ends for other reasons is not the proxy', async () => {
  const { blame } = openTunnel('http://127.0.0.1:9', 100)
  for (const code of /** @type {const} */ (['connection-lost', 'logged-out', 'certificate-rejected']))
    assert.deepEqual(blame(ending(code)), ending(code))
})

test('this machine is never reached through a proxy', () => {
  for (const host of [
    'localhost',
    'LOCALHOST.',
    'a.localhost',
    '127.0.0.1',
    '127.9.9.9',
    '[::1]',
    '::1',
    '[::ffff:7f00:1]',
    '[::ffff:127.0.0.1]'
  ])
    assert.ok(isLoopback(host), host)
  for (const host of ['web.whatsapp.com', 'localhost.example.com', '10.0.0.1', '128.0.0.1', '[::2]'])
    assert.ok(!isLoopback(host), host)
  assert.equal(openTunnelTo('ws://127.0.0.1:8091/ws/chat', 'http://10.0.0.1:3128', 1), null)
  assert.equal(openTunnelTo(undefined, null, 1), null)
  assert.ok(openTunnelTo(undefined, 'http://10.0.0.1:3128', 1))
})

for (const [kind, open] of /** @type {const} */ ([
  ['http', openHttpProxy],
  ['socks5', openSocksProxy]
]))
  test(`what the process fetches goes through ${kind} as well`, async t => {
    const { port } = await site(t)
    const proxy = await open(t, { to: port })
    t.after(() => routeFetch(null))
    routeFetch(proxy.url)
    const answer = await fetch(`http://media.invalid:${port}/file`, { headers: { Origin: 'https://web.whatsapp.com' } })
    assert.deepEqual(
      [answer.status, answer.headers.get('x-seen'), await answer.text()],
      [200, 'GET /file https://web.whatsapp.com', 'content']
    )
    const missing = await fetch(`http://media.invalid:${port}/missing`)
    assert.deepEqual([missing.ok, missing.status], [false, 404])
    assert.deepEqual(proxy.asked, Array(2).fill(`media.invalid:${port}`))
  })

test('what the process fetches from this machine goes directly, and all of it once there is no proxy', async t => {
  const { port } = await site(t)
  const proxy = await openHttpProxy(t, { to: 1 })
  routeFetch(proxy.url)
  assert.equal((await fetch(`http://127.0.0.1:${port}/file`)).status, 200)
  routeFetch(null)
  assert.equal((await fetch(`http://localhost:${port}/file`)).status, 200)
  assert.deepEqual(proxy.asked, [])
})

test('a fetch that the proxy does not carry fails, and never goes directly', async t => {
  const { port } = await site(t)
  const liar = await openLiar(t, socket => once(socket, 'HTTP/1.1 502 Bad Gateway\r\n\r\n'))
  t.after(() => routeFetch(null))
  routeFetch(liar.url)
  await assert.rejects(fetch(`http://media.invalid:${port}/file`), /it answered 502/)
})

for (const [kind, open] of /** @type {const} */ ([
  ['http', openHttpProxy],
  ['https', openSecureProxy],
  ['socks5', openSocksProxy]
]))
  test(`${kind}: TLS goes through to the endpoint, which is asked for by its name and checked`, async t => {
    const { key, cert } = certificate(t, 'whatsapp.invalid')
    const endpoint = createSecureServer({ key, cert })
    const sockets = new WebSocketServer({ server: endpoint })
    /** @type {unknown[]} */
    const names = []
    endpoint.on('secureConnection', (/** @type {any} */ socket) => names.push(socket.servername))
    sockets.on('connection', (/** @type {any} */ socket) => socket.send('hello'))
    endpoint.listen(0, '127.0.0.1')
    await event(endpoint, 'listening')
    t.after(() => {
      sockets.close()
      endpoint.close()
    })
    const { port } = /** @type {import('node:net').AddressInfo} */ (endpoint.address())
    const proxy = await open(t, { to: port })
    const url = `wss://whatsapp.invalid:${port}/ws/chat`

    const socket = new WebSocket(url, { agent: openTunnel(proxy.url, 5_000).agent, ca: cert })
    assert.equal(String((await event(socket, 'message'))[0]), 'hello')
    socket.terminate()
    assert.deepEqual([names, proxy.asked], [['whatsapp.invalid'], [`whatsapp.invalid:${port}`]])

    const { agent, blame } = openTunnel(proxy.url, 5_000)
    const [error] = await event(new WebSocket(url, { agent }), 'error', { signal: AbortSignal.timeout(5_000) }).catch(
      error => [error]
    )
    assert.match(error.code, /SELF_SIGNED/)
    assert.match(blame(UNREACHABLE).detail, /\(through the proxy /)
  })

/** How a request through this proxy ends. @param {string} proxy */
async function failure(proxy, within = 5_000) {
  const { agent, blame } = openTunnel(proxy, within)
  const request = get({ host: 'whatsapp.invalid', port: 80, agent })
  await event(request, 'response').catch(() => {})
  return blame(UNREACHABLE)
}

/** An https proxy whose certificate this process trusts. @param {TestContext} t @param {{ to: number }} options */
async function openSecureProxy(t, { to }) {
  const { key, cert } = certificate(t, 'localhost')
  const trusted = getCACertificates()
  setDefaultCACertificates([...trusted, cert])
  t.after(() => setDefaultCACertificates(trusted))
  const proxy = await openHttpProxy(t, { to, tls: { key, cert } })
  return { ...proxy, url: proxy.url.replace('127.0.0.1', 'localhost') }
}

/** A server of files. @param {TestContext} t */
async function site(t) {
  const server = createServer(({ method, url, headers }, response) => {
    response.writeHead(url === '/file' ? 200 : 404, { 'x-seen': `${method} ${url} ${headers.origin}` })
    response.end('content')
  })
  server.listen(0, '127.0.0.1')
  await event(server, 'listening')
  t.after(() => server.close())
  return /** @type {import('node:net').AddressInfo} */ (server.address())
}

/** @param {import('node:net').Socket} socket @param {string | Buffer} answer */
function once(socket, answer) {
  socket.once('data', () => socket.end(answer))
}

/** @param {import('node:net').Socket} socket */
function flood(socket) {
  const part = Buffer.alloc(64 * 1024, 'x')
  const more = () => {
    while (!socket.destroyed && socket.write(part));
  }
  socket.on('drain', more)
  more()
}

/** @param {import('node:net').Socket} socket */
function refuseSocks(socket) {
  const answers = [
    [5, 2],
    [1, 0],
    [5, 4, 0, 1, 0, 0, 0, 0, 0, 0]
  ].map(bytes => Buffer.from(bytes))
  socket.on('data', () => {
    const answer = answers.shift()
    if (answer) socket.write(answer)
  })
}
