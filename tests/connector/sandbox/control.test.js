// @ts-check
/** The control port: its answers, and what it refuses. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { test } from 'node:test'
import { control } from '../../../connector/sandbox/server/control.js'
import { frame } from '../../../connector/sandbox/protocol/frames.js'
import { WhatsApp } from '../../../connector/sandbox/server/whatsapp.js'
import { connect, link, openSandbox, ping } from '../../support/connector/sandbox_client.js'

test('a new sandbox has no devices, connections or faults', async t => {
  const sandbox = await openSandbox(t)
  assert.deepEqual(await sandbox.state(), {
    devices: [],
    sockets: 0,
    registrations: 0,
    logins: 0,
    notifications: { sent: 0, acknowledged: 0 },
    unknownQueries: [],
    cleaned: [],
    faults: {},
    settings: {
      qrLifetimes: [60, 20],
      refs: 6,
      unpairedLifetime: 210,
      clientRevision: null,
      history: 0,
      unknownNumbers: [],
      offlinePhones: [],
      deviceNotifications: true
    }
  })
})

test('reset cuts every connection and forgets devices, faults, settings and counts', async t => {
  const sandbox = await openSandbox(t)
  const fresh = await sandbox.state()
  const client = await link(t, sandbox)
  await sandbox.put('settings', { refs: 1 })
  await sandbox.put('faults', { noPong: true })
  await sandbox.post('reset')
  assert.equal((await client.closed()).code, 428)
  await sandbox.until(({ sockets }) => sockets === 0)
  assert.deepEqual(await sandbox.state(), fresh)
})

test('a device that was forgotten cannot log in', async t => {
  const sandbox = await openSandbox(t)
  const { auth, closed } = await link(t, sandbox)
  await sandbox.post('reset')
  await closed()
  assert.equal((await (await connect(t, sandbox.url, { auth })).closed()).code, 401)
})

test('faults answer with what is set, and replace what was', async t => {
  const sandbox = await openSandbox(t)
  await sandbox.put('faults', { mute: true })
  const { body } = await sandbox.put('faults', { upgradeStatus: { value: 503, times: 2 }, noRefs: false })
  assert.deepEqual(body, { upgradeStatus: { value: 503, times: 2 } })
})

test('settings answer with what holds now, defaults included', async t => {
  const sandbox = await openSandbox(t)
  const { body } = await sandbox.put('settings', { refs: 2 })
  assert.deepEqual(body, {
    qrLifetimes: [60, 20],
    refs: 2,
    unpairedLifetime: 210,
    clientRevision: null,
    history: 0,
    unknownNumbers: [],
    offlinePhones: [],
    deviceNotifications: true
  })
})

/** @type {[string, string, string, unknown, number, string][]} */
const REFUSED = [
  ['a body that is no JSON', 'POST', 'scan', '{"qrCode":', 400, 'malformed-json'],
  ['a body that is no object', 'POST', 'scan', '[]', 400, 'malformed-json'],
  ['a body that is null', 'PUT', 'faults', 'null', 400, 'malformed-json'],
  ['a body that is too large', 'POST', 'scan', ' '.repeat(70_000), 413, 'body-too-large'],
  ['an unknown route', 'GET', 'elsewhere', undefined, 404, 'not-found'],
  ['a route by the name of what every object has', 'GET', 'constructor', undefined, 404, 'not-found'],
  ['a wrong method', 'GET', 'scan', undefined, 405, 'method-not-allowed'],
  ['a scan without a code', 'POST', 'scan', {}, 400, 'invalid-request'],
  ['a code that is a number', 'POST', 'scan', { qrCode: 7 }, 400, 'invalid-request'],
  ['a phone number with a plus', 'POST', 'unlink', { phoneNumber: '+15551234567' }, 400, 'invalid-request'],
  [
    'a phone number with a 0 at the beginning',
    'POST',
    'unlink',
    { phoneNumber: '01512345678' },
    400,
    'invalid-request'
  ],
  ['an unlink without a number', 'POST', 'unlink', {}, 400, 'invalid-request'],
  ['a stream error below 400', 'POST', 'stream-error', { error: '399' }, 400, 'invalid-request'],
  ['a stream error above 599', 'POST', 'stream-error', { error: '600' }, 400, 'invalid-request'],
  ['a name with an @', 'POST', 'scan', { qrCode: 'x', pushName: 'a@b' }, 400, 'invalid-request'],
  ['a fault that there is not', 'PUT', 'faults', { earthquake: true }, 400, 'invalid-request'],
  ['a fault by the name of what every object has', 'PUT', 'faults', { toString: true }, 400, 'invalid-request'],
  ['a fault with a value that makes no sense', 'PUT', 'faults', { upgradeStatus: true }, 400, 'invalid-request'],
  ['a fault for no connection', 'PUT', 'faults', { mute: { value: true, times: 0 } }, 400, 'invalid-request'],
  ['a setting that there is not', 'PUT', 'settings', { colour: 'red' }, 400, 'invalid-request'],
  ['no refs', 'PUT', 'settings', { refs: 0 }, 400, 'invalid-request'],
  ['a lifetime that is no time', 'PUT', 'settings', { qrLifetimes: [60, -1] }, 400, 'invalid-request'],
  ['no lifetimes', 'PUT', 'settings', { qrLifetimes: [] }, 400, 'invalid-request'],
  ['an end that is no time', 'PUT', 'settings', { unpairedLifetime: 0 }, 400, 'invalid-request'],
  ['a refresh by another tag', 'POST', 'refresh-registration', { child: 'pair-device' }, 400, 'invalid-request'],
  ['a refresh of a text that is no code', 'POST', 'refresh-registration', { qrCode: 'x' }, 400, 'not-a-code']
]

for (const [what, method, path, body, status, error] of REFUSED) {
  test(`${what} is refused with ${status} ${error}`, async t => {
    const sandbox = await openSandbox(t)
    const answer = await sandbox.ask(method, path, body)
    assert.deepEqual([answer.status, answer.body.error], [status, error])
    assert.equal(typeof answer.body.detail, 'string')
  })
}

test('a refused set of faults changes nothing', async t => {
  const sandbox = await openSandbox(t)
  await sandbox.put('faults', { noPong: true })
  await sandbox.put('faults', { mute: true, earthquake: true })
  assert.deepEqual((await sandbox.state()).faults, { noPong: true })
})

for (const [what, bytes] of Object.entries({
  'what is no stream of WhatsApp': Buffer.from('GET / HTTP/1.1'),
  'a hello that is none': Buffer.concat([Buffer.from('WA\x06\x03'), frame(Buffer.from('hello'))]),
  'a hello without a key': Buffer.concat([Buffer.from('WA\x06\x03'), frame(Buffer.alloc(0))])
})) {
  test(`a client that sends ${what} loses its connection, and no other client does`, async t => {
    const sandbox = await openSandbox(t)
    const { socket } = await link(t, sandbox)
    const stranger = new WebSocket(sandbox.url)
    await once(stranger, 'open')
    stranger.send(bytes)
    await once(stranger, 'close')
    assert.ok(await ping({ socket }))
  })
}

for (const [remoteAddress, status] of /** @type {const} */ ([
  ['192.0.2.1', 403],
  ['::ffff:192.0.2.1', 403],
  ['::ffff:127.0.0.1', 404],
  ['::1', 404]
]))
  test(`phones are played from this host alone: ${remoteAddress} gets ${status}`, async () => {
    const answered = Promise.withResolvers()
    const request = {
      socket: { remoteAddress },
      headers: { host: 'localhost' },
      url: '/control/nothing',
      method: 'GET'
    }
    const response = { writeHead: answered.resolve, end() {} }
    await control(new WhatsApp({ stateFile: null }), /** @type {any} */ (request), /** @type {any} */ (response))
    assert.equal(await answered.promise, status)
  })

/** @type {[string, Record<string, string>, number, string][]} */
const SENT_BY = [
  ['a script of another page', { origin: 'https://evil.example' }, 403, 'foreign-page'],
  ['a page without an origin', { origin: 'null' }, 403, 'foreign-page'],
  ['a page on another port of this host', { origin: 'http://127.0.0.1:8090' }, 403, 'foreign-page'],
  ['a form or a picture of another page', { 'sec-fetch-site': 'cross-site' }, 403, 'foreign-page'],
  ['a page whose name leads to this host', { host: 'evil.example:8091' }, 403, 'foreign-host'],
  ['a page whose name looks like this host', { host: 'localhost.evil.example' }, 403, 'foreign-host'],
  ['a page whose name begins with an address', { host: '127.0.0.1.evil.example:8091' }, 403, 'foreign-host'],
  ['the address bar', { 'sec-fetch-site': 'none' }, 200, ''],
  ['a program on this host', { host: 'localhost:8091' }, 200, ''],
  ['a program that uses IPv6', { host: '[::1]:8091' }, 200, '']
]

for (const [who, headers, status, error] of SENT_BY)
  test(`what ${who} sends gets ${status}`, async t => {
    const sandbox = await openSandbox(t)
    const asked = request(new URL('/control/reset', sandbox.url.replace('ws:', 'http:')), { method: 'POST', headers })
    asked.end()
    const [answer] = await once(asked, 'response')
    const body = /** @type {{ error?: string }} */ (await json(answer))
    assert.deepEqual([answer.statusCode, body.error ?? ''], [status, error])
  })

for (const [origin, status] of /** @type {const} */ ([
  ['https://evil.example', 403],
  ['http://127.0.0.1:8090', 403],
  ['null', 403],
  ['https://web.whatsapp.com', 101]
]))
  test(`a WebSocket of a page at ${origin} gets ${status}`, async t => {
    const sandbox = await openSandbox(t)
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': Buffer.alloc(16).toString('base64'),
      origin
    }
    const asked = request(sandbox.url.replace('ws:', 'http:'), { headers })
    const [answer] = await new Promise(resolve => {
      for (const name of ['upgrade', 'response']) asked.once(name, (...heard) => resolve(heard))
      asked.end()
    })
    assert.equal(answer.statusCode, status)
    asked.destroy()
  })

test('the description of the sandbox names every route, every fault and every error', async () => {
  const sandbox = join(import.meta.dirname, '../../../connector/sandbox')
  const description = await readFile(join(import.meta.dirname, '../../../docs/reference/sandbox.md'), 'utf8')
  const routes = (await readFile(join(sandbox, 'server/control_routes.js'), 'utf8')).matchAll(
    /'(\/control\/[\w-]+)': \{ (\w+):/g
  )
  const faults = (await readFile(join(sandbox, 'server/faults.js'), 'utf8')).matchAll(/^ {2}(\w+): \w+,? \/\//gm)
  const names = [...routes].map(([, path, method]) => `${method} ${path}`)
  names.push(...[...faults].map(([, name]) => `\`${name}\``))
  const files = (await readdir(sandbox, { recursive: true })).filter(file => file.endsWith('.js'))
  for (const file of files) {
    const source = await readFile(join(sandbox, file), 'utf8')
    names.push(
      ...[...source.matchAll(/(?:new Refusal\(\d+, |conflict\()'([a-z-]+)'/g)].map(([, code]) => `\`${code}\``)
    )
  }
  assert.ok(names.length > 25)
  assert.deepEqual(
    names.filter(name => !description.includes(name)),
    []
  )
})
