// @ts-check
/** Connections of linked devices: login, queries, logout and unlinking. */

import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { test } from 'node:test'
import { Curve } from '../../../connector/node_modules/baileys/lib/index.js'
import { connect, link, openSandbox, ping, temporaryFile } from '../../support/connector/sandbox_client.js'

const PHONE_NUMBER = '15551234567'

test('a device that logs in again uploads no keys: the server has them', async t => {
  const sandbox = await openSandbox(t)
  const { auth, socket } = await link(t, sandbox)
  const keys = auth.creds.nextPreKeyId
  await socket.end(undefined)
  await (await connect(t, sandbox.url, { auth })).open()
  assert.equal(auth.creds.nextPreKeyId, keys)
})

test('a keep-alive ping is answered', async t => {
  const sandbox = await openSandbox(t)
  const client = await link(t, sandbox)
  assert.equal((await ping(client))?.attrs.type, 'result')
})

test('a login with a key that was not linked fails with 401', async t => {
  const sandbox = await openSandbox(t)
  const { auth, socket } = await link(t, sandbox)
  await socket.end(undefined)
  Object.assign(auth.creds, { noiseKey: Curve.generateKeyPair() })
  assert.equal((await (await connect(t, sandbox.url, { auth })).closed()).code, 401)
})

test('a second login of a device replaces the first', async t => {
  const sandbox = await openSandbox(t)
  const first = await link(t, sandbox)
  const second = await connect(t, sandbox.url, { auth: first.auth })
  assert.equal((await first.closed()).code, 440)
  await second.open()
  assert.deepEqual((await sandbox.state()).devices, [
    { phoneNumber: PHONE_NUMBER, device: 1, deviceName: 'Mac OS', online: true }
  ])
})

test('a device that logs out is forgotten, and cannot log in again', async t => {
  const sandbox = await openSandbox(t)
  const client = await link(t, sandbox)
  await client.socket.logout()
  assert.equal((await client.closed()).code, 401)
  assert.equal((await (await connect(t, sandbox.url, { auth: client.auth })).closed()).code, 401)
  const { body } = await sandbox.post('logout-check', { phoneNumber: PHONE_NUMBER })
  assert.deepEqual(body, { phoneNumber: PHONE_NUMBER, linked: false, devices: [] })
})

test('a device that the phone unlinks gets a stream error, and cannot log in again', async t => {
  const sandbox = await openSandbox(t)
  const client = await link(t, sandbox)
  const { body } = await sandbox.post('unlink', { phoneNumber: PHONE_NUMBER })
  assert.deepEqual(body, { unlinked: [{ phoneNumber: PHONE_NUMBER, device: 1 }] })
  assert.deepEqual(await client.closed(), { code: 401, message: 'Stream Errored (conflict)' })
  assert.equal((await (await connect(t, sandbox.url, { auth: client.auth })).closed()).code, 401)
})

test('a device that is unlinked while it is offline fails at its next login', async t => {
  const sandbox = await openSandbox(t)
  const { auth, socket } = await link(t, sandbox)
  await socket.end(undefined)
  await sandbox.post('unlink', { phoneNumber: PHONE_NUMBER })
  assert.equal((await (await connect(t, sandbox.url, { auth })).closed()).code, 401)
})

test('an unlink of a phone without devices is refused', async t => {
  const sandbox = await openSandbox(t)
  const { status, body } = await sandbox.post('unlink', { phoneNumber: PHONE_NUMBER })
  assert.deepEqual([status, body.error], [404, 'no-such-device'])
})

test('cutting the connection of one number leaves the others', async t => {
  const sandbox = await openSandbox(t)
  const cut = await link(t, sandbox)
  const kept = await link(t, sandbox, { phoneNumber: '4915112345678' })
  assert.deepEqual((await sandbox.post('drop', { phoneNumber: PHONE_NUMBER })).body, { dropped: 1 })
  assert.equal((await cut.closed()).code, 428)
  assert.ok(await ping(kept))
})

test('cutting every connection also cuts those that wait for a scan', async t => {
  const sandbox = await openSandbox(t)
  const client = await connect(t, sandbox.url)
  await client.qr()
  assert.deepEqual((await sandbox.post('drop')).body, { dropped: 1 })
  assert.equal((await client.closed()).code, 428)
})

test('a frozen connection stays open and silent', async t => {
  const sandbox = await openSandbox(t)
  const client = await link(t, sandbox, { defaultQueryTimeoutMs: 200 })
  assert.deepEqual((await sandbox.post('freeze', { phoneNumber: PHONE_NUMBER })).body, { frozen: 1 })
  assert.equal(await ping(client), undefined)
  assert.equal((await sandbox.state()).sockets, 1)
})

test('devices and the key of the server outlive the sandbox', async t => {
  const stateFile = await temporaryFile(t)
  const before = await openSandbox(t, { stateFile })
  const { auth } = await link(t, before)
  const remembered = JSON.parse(await readFile(stateFile, 'utf8'))
  await before.close()
  const after = await openSandbox(t, { stateFile })
  await (await connect(t, after.url, { auth })).open()
  assert.equal(JSON.parse(await readFile(stateFile, 'utf8')).serverKey, remembered.serverKey)
})

test('only the owner can read the state file', async t => {
  const stateFile = await temporaryFile(t)
  await openSandbox(t, { stateFile })
  assert.equal((await stat(stateFile)).mode & 0o777, 0o600)
})

test('an unknown query is listed once, and its answer is empty', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const attrs = { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:new' }
  const answers = [await socket.query({ tag: 'iq', attrs: { ...attrs }, content: [{ tag: 'thing', attrs: {} }] })]
  answers.push(await socket.query({ tag: 'iq', attrs: { ...attrs }, content: [{ tag: 'thing', attrs: {} }] }))
  for (const { attrs, content } of answers) assert.deepEqual([attrs.type, content], ['result', undefined])
  assert.deepEqual((await sandbox.state()).unknownQueries, [{ tag: 'thing', xmlns: 'w:new', type: 'get' }])
  await sandbox.post('reset') // all other tests fail if there is one at their end
})

test('a number can be looked up', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  assert.deepEqual(await socket.onWhatsApp('4915112345678'), [{ jid: '4915112345678@s.whatsapp.net', exists: true }])
})
