// @ts-check
/** Linking of a device by the code on its screen. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkSignatures, connect, link, openSandbox, ping } from '../../support/connector/sandbox_client.js'

test('a scanned code links the device, which restarts and opens', async t => {
  const sandbox = await openSandbox(t)
  const client = await connect(t, sandbox.url)
  const scanned = await sandbox.post('scan', { qrCode: await client.qr() })
  assert.deepEqual(scanned, { status: 200, body: { phoneNumber: '15551234567', device: 1 } })
  assert.equal((await client.closed()).code, 515)
  const again = await connect(t, sandbox.url, { auth: client.auth })
  await again.open()
  await again.settled()
  const { devices, logins, registrations, unknownQueries } = await sandbox.state()
  assert.deepEqual(devices, [{ phoneNumber: '15551234567', device: 1, deviceName: 'Mac OS', online: true }])
  assert.deepEqual([registrations, logins, unknownQueries], [1, 1, []])
})

test('a client that checks every signature links and opens too', async t => {
  checkSignatures(t)
  const sandbox = await openSandbox(t)
  const { scanned } = await link(t, sandbox)
  assert.equal(scanned.status, 200)
})

test('a client that wants the history opens too', async t => {
  const sandbox = await openSandbox(t)
  const client = await link(t, sandbox, { shouldSyncHistoryMessage: () => true })
  assert.ok(await ping(client))
  assert.deepEqual((await sandbox.state()).unknownQueries, [])
})

test('the device learns the number and the name of the phone', async t => {
  const sandbox = await openSandbox(t)
  const { auth } = await link(t, sandbox, { phoneNumber: '4915112345678', pushName: 'Zoë 🌊' })
  assert.equal(auth.creds.me?.id, '4915112345678:1@s.whatsapp.net')
  assert.equal(auth.creds.me?.name, 'Zoë 🌊')
})

test('the device gets no name if the phone has none', async t => {
  const sandbox = await openSandbox(t)
  const { auth } = await link(t, sandbox, { pushName: null })
  assert.equal(auth.creds.me?.name, undefined)
})

test('the devices of a phone have numbers of their own', async t => {
  const sandbox = await openSandbox(t)
  await link(t, sandbox)
  const { scanned } = await link(t, sandbox)
  assert.equal(scanned.body.device, 2)
})

test('a number that an unlinked device had is not used again', async t => {
  const sandbox = await openSandbox(t)
  await link(t, sandbox)
  await sandbox.post('unlink', { phoneNumber: '15551234567' })
  const { scanned } = await link(t, sandbox)
  assert.equal(scanned.body.device, 2)
})

test('a code is scanned once', async t => {
  const sandbox = await openSandbox(t)
  const client = await connect(t, sandbox.url)
  const qrCode = await client.qr()
  await sandbox.post('scan', { qrCode })
  assertDead(await sandbox.post('scan', { qrCode }))
})

test('if two phones scan at the same moment, the code is dead for one of them', async t => {
  const sandbox = await openSandbox(t)
  const client = await connect(t, sandbox.url)
  const qrCode = await client.qr()
  const phones = ['4470000001', '4470000002']
  const scans = await Promise.all(phones.map(phoneNumber => sandbox.post('scan', { qrCode, phoneNumber })))
  assert.deepEqual(scans.map(({ status }) => status).sort(), [200, 409])
})

test('a code dies with its socket', async t => {
  const sandbox = await openSandbox(t)
  const client = await connect(t, sandbox.url)
  const qrCode = await client.qr()
  await client.socket.end(undefined)
  assertDead(await sandbox.post('scan', { qrCode }))
})

test('a code dies when the next one is shown, and that one lives', async t => {
  const sandbox = await openSandbox(t)
  await sandbox.put('settings', { qrLifetimes: [0.7] })
  const client = await connect(t, sandbox.url, { qrTimeout: 700 })
  const qrs = [await client.qr(), await client.qr(), await client.qr()]
  assertDead(await sandbox.post('scan', { qrCode: qrs[0] }))
  assert.equal((await sandbox.post('scan', { qrCode: qrs[2] })).status, 200)
})

test('a code with the keys of another device is dead', async t => {
  const sandbox = await openSandbox(t)
  const [one, other] = [await connect(t, sandbox.url), await connect(t, sandbox.url)]
  const [ref] = (await one.qr()).split(',')
  const [, ...keys] = (await other.qr()).split(',')
  assertDead(await sandbox.post('scan', { qrCode: [ref, ...keys].join(',') }))
})

test('the older form of codes, without a URL, is read too', async t => {
  const sandbox = await openSandbox(t)
  const client = await connect(t, sandbox.url)
  const [, fields = ''] = (await client.qr()).split('#')
  const scanned = await sandbox.post('scan', { qrCode: fields.split(',').slice(0, 4).join(',') })
  assert.equal(scanned.status, 200)
})

test('a text that is not a code is refused', async t => {
  const sandbox = await openSandbox(t)
  const refused = await sandbox.post('scan', { qrCode: 'https://example.com/' })
  assert.deepEqual([refused.status, refused.body.error], [400, 'not-a-code'])
})

test('a client shows as many codes as it got refs', async t => {
  const sandbox = await openSandbox(t)
  await sandbox.put('settings', { refs: 2 })
  const client = await connect(t, sandbox.url, { qrTimeout: 100 })
  const qrs = [await client.qr(), await client.qr()]
  assert.equal((await client.closed()).message, 'QR refs attempts ended')
  assert.notEqual(qrs[0], qrs[1])
})

/** @param {{ status: number, body: any }} answer */
function assertDead({ status, body }) {
  assert.deepEqual([status, body.error], [409, 'code-dead'])
}
