// @ts-check
/** Linking of a device by a code that is typed on the phone. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { companionHello, makePairingCode } from '../../../connector/pairing/companion_hello.js'
import { checkSignatures, connect, openSandbox, ping } from '../../support/connector/sandbox_client.js'

const PHONE_NUMBER = '15551234567'

test('a typed code links the device, which restarts and opens', async t => {
  checkSignatures(t)
  const sandbox = await openSandbox(t)
  const client = await connect(t, sandbox.url)
  const code = await ask(client)
  const typed = await sandbox.post('type-code', { phoneNumber: PHONE_NUMBER, code, pushName: 'Ann' })
  assert.deepEqual(typed, { status: 200, body: { phoneNumber: PHONE_NUMBER, device: 1 } })
  assert.equal((await client.closed()).code, 515)
  const again = await connect(t, sandbox.url, { auth: client.auth })
  await again.open()
  assert.deepEqual((await sandbox.state()).unknownQueries, [])
})

test('a code is typed as phones show it, with a dash and in any case', async t => {
  const sandbox = await openSandbox(t)
  const client = await connect(t, sandbox.url)
  const code = await ask(client)
  const shown = `${code.slice(0, 4)}-${code.slice(4)}`.toLowerCase()
  assert.equal((await sandbox.post('type-code', { phoneNumber: PHONE_NUMBER, code: shown })).status, 200)
})

test('after a wrong code the socket stays open for another try', async t => {
  const sandbox = await openSandbox(t)
  const client = await connect(t, sandbox.url)
  const code = await ask(client)
  const wrong = await sandbox.post('type-code', { phoneNumber: PHONE_NUMBER, code: 'AAAAAAAA' })
  assert.deepEqual([wrong.status, wrong.body.error], [409, 'wrong-code'])
  assert.ok(await ping(client))
  assert.equal((await sandbox.post('type-code', { phoneNumber: PHONE_NUMBER, code })).status, 200)
})

test('a code for a number that nobody asked for is dead', async t => {
  const sandbox = await openSandbox(t)
  const client = await connect(t, sandbox.url)
  const code = await ask(client)
  const refused = await sandbox.post('type-code', { phoneNumber: '4915112345678', code })
  assert.deepEqual([refused.status, refused.body.error], [409, 'code-dead'])
})

test('a code dies with its socket', async t => {
  const sandbox = await openSandbox(t)
  const client = await connect(t, sandbox.url)
  const code = await ask(client)
  await client.socket.end(undefined)
  const refused = await sandbox.post('type-code', { phoneNumber: PHONE_NUMBER, code })
  assert.deepEqual([refused.status, refused.body.error], [409, 'code-dead'])
})

test('a request that the server refuses leaves no code to type', async t => {
  const sandbox = await openSandbox(t)
  await sandbox.put('faults', { codeError: 429 })
  const client = await connect(t, sandbox.url)
  await assert.rejects(ask(client), { data: 429 })
  const code = client.auth.creds.pairingCode
  const refused = await sandbox.post('type-code', { phoneNumber: PHONE_NUMBER, code })
  assert.deepEqual([refused.status, refused.body.error], [409, 'code-dead'])
})

test('the nonce of Baileys is refused: WhatsApp Web sends a zero byte', async t => {
  const sandbox = await openSandbox(t)
  const client = await connect(t, sandbox.url)
  await client.qr()
  const code = await client.socket.requestPairingCode(PHONE_NUMBER)
  await ping(client)
  const refused = await sandbox.post('type-code', { phoneNumber: PHONE_NUMBER, code })
  assert.deepEqual([refused.status, refused.body.error], [409, 'code-dead'])
})

test('a device that is not a known browser on a known system is refused', async t => {
  const sandbox = await openSandbox(t)
  const client = await connect(t, sandbox.url)
  await assert.rejects(ask(client, 'Chrome (Till 3)'), { data: 400 })
})

test('the QR code can be scanned while a pairing code is awaited', async t => {
  const sandbox = await openSandbox(t)
  const client = await connect(t, sandbox.url)
  const qrCode = await client.qr()
  await request(client)
  assert.equal((await sandbox.post('scan', { qrCode })).status, 200)
})

/**
 * Waits for the first code, as clients must, then asks for one to type.
 * @param {import('../../support/connector/sandbox_client.js').Client} client
 * @param {string} [display] the name on the phone, if it is another one
 */
async function ask(client, display) {
  await client.qr()
  return request(client, display)
}

/** @param {import('../../support/connector/sandbox_client.js').Client} client @param {string} [display] */
async function request({ auth, socket }, display) {
  const code = makePairingCode(auth.creds, PHONE_NUMBER)
  const hello = await companionHello(auth.creds, socket.generateMessageTag())
  const fields = /** @type {any} */ (hello.content)[0].content
  for (const field of fields)
    if (display && field.tag === 'companion_platform_display') field.content = Buffer.from(display)
  await socket.query(hello)
  return code
}
