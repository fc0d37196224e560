// @ts-check
/** Effects of the faults on an unmodified client. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { checkSignatures, connect, link, newDevice, openSandbox, ping } from '../../support/connector/sandbox_client.js'

const IMPATIENT = { connectTimeoutMs: 300, defaultQueryTimeoutMs: 200 }

test('upgradeStatus: the upgrade is answered with an HTTP error, which the client does not report', async t => {
  const sandbox = await misbehaving(t, { upgradeStatus: 503 })
  const client = await connect(t, sandbox.url)
  const [, response] = await once(/** @type {any} */ (client.socket.ws), 'unexpected-response')
  assert.equal(response.statusCode, 503)
})

test('hangUpgrade: the upgrade is never answered', async t => {
  const sandbox = await misbehaving(t, { hangUpgrade: true })
  const client = await connect(t, sandbox.url, IMPATIENT)
  assert.deepEqual(await client.closed(), { code: 408, message: 'WebSocket Error (Opening handshake has timed out)' })
})

test('refuse: the connection is destroyed', async t => {
  const sandbox = await misbehaving(t, { refuse: true })
  const client = await connect(t, sandbox.url)
  assert.match((await client.closed()).message, /socket hang up|ECONNRESET/)
})

test('halfDead: the upgrade is accepted, and nothing after that is answered, not even a close frame', async t => {
  const sandbox = await misbehaving(t, { halfDead: true })
  const socket = new WebSocket(sandbox.url)
  await once(socket, 'open')
  socket.close()
  await sandbox.state()
  assert.equal(socket.readyState, WebSocket.CLOSING)
})

test('hangHandshake: the hello of the client is never answered', async t => {
  const sandbox = await misbehaving(t, { hangHandshake: true })
  const client = await connect(t, sandbox.url, IMPATIENT)
  assert.deepEqual(await client.closed(), { code: 408, message: 'Timed Out' })
})

test('foreignRoot: a client that checks signatures refuses the certificate', async t => {
  checkSignatures(t)
  const sandbox = await misbehaving(t, { foreignRoot: true })
  const client = await connect(t, sandbox.url)
  assert.deepEqual(await client.closed(), { code: 400, message: 'noise intermediate certificate signature invalid' })
})

test('garbageAfterHandshake: a frame that cannot be decrypted kills the client', async t => {
  const sandbox = await misbehaving(t, { garbageAfterHandshake: true })
  const client = new URL('../../support/connector/sandbox_client.js', import.meta.url)
  const program = `
    const { connect } = await import(${JSON.stringify(client.href)})
    await connect({ after() {} }, ${JSON.stringify(sandbox.url)})`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'ignore', env: {} })
  t.after(() => child.kill())
  assert.deepEqual(await once(child, 'exit'), [1, null])
})

test('mute: the server sends nothing after the handshake', async t => {
  const sandbox = await misbehaving(t, { mute: true })
  const client = await connect(t, sandbox.url, IMPATIENT)
  await sandbox.until(({ registrations }) => registrations === 1)
  assert.equal(await ping(client), undefined)
  assert.equal(
    client.events.has(update => !!update.qr),
    false
  )
})

test('noRefs: pings are answered, codes never come', async t => {
  const sandbox = await misbehaving(t, { noRefs: true })
  const client = await connect(t, sandbox.url)
  await sandbox.until(({ registrations }) => registrations === 1)
  assert.ok(await ping(client))
  assert.equal(
    client.events.has(update => !!update.qr),
    false
  )
})

test('delayRefs: codes come late, and their time begins then', async t => {
  const sandbox = await misbehaving(t, { delayRefs: 0.3 })
  await sandbox.put('settings', { qrLifetimes: [0.1] })
  const client = await connect(t, sandbox.url)
  await sandbox.until(({ registrations }) => registrations === 1)
  assert.ok(await ping(client))
  assert.equal(
    client.events.has(update => !!update.qr),
    false
  )
  assert.equal((await sandbox.post('scan', { qrCode: await client.qr() })).status, 200)
})

test('noPong: pings are not answered, other queries are', async t => {
  const sandbox = await openSandbox(t)
  const client = await link(t, sandbox, IMPATIENT)
  await sandbox.put('faults', { noPong: true })
  assert.equal(await ping(client), undefined)
  assert.ok(await client.socket.fetchBlocklist())
})

test('versionRejected: a registration fails with 405', async t => {
  const sandbox = await misbehaving(t, { versionRejected: true })
  const client = await connect(t, sandbox.url)
  assert.deepEqual(await client.closed(), { code: 405, message: 'Connection Failure' })
})

test('passkey: the phone asks for a passkey after the scan, and the device gets a notification', async t => {
  const sandbox = await misbehaving(t, { passkey: true })
  const client = await connect(t, sandbox.url)
  const asked = once(/** @type {any} */ (client.socket.ws), 'CB:notification,type:passkey_prologue_request')
  const scanned = await sandbox.post('scan', { qrCode: await client.qr() })
  assert.deepEqual([scanned.status, scanned.body.error], [409, 'passkey-required'])
  const [stanza] = await asked
  assert.equal(stanza.content[0].tag, 'passkey_request_options')
})

test('forgedAccountSignature: a client that checks signatures refuses the link', async t => {
  checkSignatures(t)
  const sandbox = await misbehaving(t, { forgedAccountSignature: true })
  const client = await connect(t, sandbox.url)
  const scanned = await sandbox.post('scan', { qrCode: await client.qr() })
  assert.deepEqual([scanned.status, scanned.body.error], [409, 'not-signed'])
  assert.deepEqual(await client.closed(), { code: 500, message: 'Failed to verify account signature' })
})

test('dropAfterScan: a device whose connection is cut when it is linked can log in', async t => {
  const sandbox = await misbehaving(t, { dropAfterScan: true })
  const client = await connect(t, sandbox.url)
  assert.equal((await sandbox.post('scan', { qrCode: await client.qr() })).status, 200)
  assert.equal((await client.closed()).code, 428)
  await (await connect(t, sandbox.url, { auth: client.auth })).open()
})

test('dropAfterScan "unsigned": a device whose signature is lost is not linked, though it has an account', async t => {
  const sandbox = await misbehaving(t, { dropAfterScan: 'unsigned' })
  const client = await connect(t, sandbox.url)
  const scanned = await sandbox.post('scan', { qrCode: await client.qr() })
  assert.deepEqual([scanned.status, scanned.body.error], [409, 'not-signed'])
  assert.equal((await client.closed()).code, 428)
  assert.ok(client.auth.creds.account)
  assert.equal((await (await connect(t, sandbox.url, { auth: client.auth })).closed()).code, 401)
})

for (const reason of [401, 403, 405, 503]) {
  test(`loginFailure: a login fails with ${reason}`, async t => {
    const sandbox = await misbehaving(t, { loginFailure: reason })
    const client = await connect(t, sandbox.url, { auth: pretender() })
    assert.deepEqual(await client.closed(), { code: reason, message: 'Connection Failure' })
  })
}

for (const [error, code] of /** @type {const} */ ([
  ['503', 503],
  ['conflict', 440]
])) {
  test(`streamErrorOnLogin: "${error}" ends a login with ${code}`, async t => {
    const sandbox = await misbehaving(t, { streamErrorOnLogin: error })
    const client = await connect(t, sandbox.url, { auth: pretender() })
    assert.equal((await client.closed()).code, code)
  })
}

test('a fault for one connection does not act on the next', async t => {
  const sandbox = await misbehaving(t, { hangHandshake: { value: true, times: 1 } })
  assert.equal((await (await connect(t, sandbox.url, IMPATIENT)).closed()).code, 408)
  assert.deepEqual((await sandbox.state()).faults, {})
  assert.ok(await (await connect(t, sandbox.url)).qr())
})

test('a registration does not count for a fault of logins', async t => {
  const sandbox = await misbehaving(t, { loginFailure: { value: 503, times: 1 } })
  const client = await connect(t, sandbox.url)
  await client.qr()
  assert.deepEqual((await sandbox.state()).faults, { loginFailure: { value: 503, times: 1 } })
})

test('a cleared fault does not act on open connections', async t => {
  const sandbox = await openSandbox(t)
  const client = await link(t, sandbox, IMPATIENT)
  await sandbox.put('faults', { noPong: true })
  assert.equal(await ping(client), undefined)
  await sandbox.put('faults', {})
  assert.ok(await ping(client))
})

/**
 * @param {import('node:test').TestContext} t
 * @param {Record<string, unknown>} faults
 */
async function misbehaving(t, faults) {
  const sandbox = await openSandbox(t)
  const { status } = await sandbox.put('faults', faults)
  assert.equal(status, 200)
  return sandbox
}

/** Credentials of a device that the server does not know. */
function pretender() {
  const auth = newDevice()
  auth.creds.me = { id: '15551234567:1@s.whatsapp.net' }
  return auth
}
