// @ts-check
/** What is no message: presence, typing and calls; restrictions; numbers without an account; device lists. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connect, link, openSandbox } from '../../support/connector/sandbox_client.js'

const OURS = '15551234567'
const BO = '4915112345678'
const CY = '4915187654321'
const TO_BO = `${BO}@s.whatsapp.net`

/** @typedef {Awaited<ReturnType<typeof link>>['socket']} Socket */

test('the sandbox records whether a device is online, and in which chat it types', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox, { pushName: 'Ann' })
  const { body } = await sandbox.post('groups', { members: [BO, CY, OURS] })
  await sandbox.phone(OURS, ({ presences }) => presences[1] === 'available')
  await socket.sendPresenceUpdate('composing', TO_BO)
  await socket.sendPresenceUpdate('recording', body.id)
  await socket.sendPresenceUpdate('paused', TO_BO)
  const { typing } = await sandbox.phone(BO, ({ typing }) => typing.length === 3)
  assert.deepEqual(
    typing.map((/** @type {any} */ { from, chat, state, kind }) => [from, chat, state, kind]),
    [
      [OURS, BO, 'composing', 'text'],
      [OURS, body.id, 'composing', 'voice'],
      [OURS, BO, 'paused', 'text']
    ]
  )
  assert.equal((await sandbox.phone(CY)).typing.length, 1)
  await socket.sendPresenceUpdate('unavailable')
  await sandbox.phone(OURS, ({ presences }) => presences[1] === 'unavailable')
  assert.deepEqual((await sandbox.state()).unknownQueries, [])
})

test('a device that is shown as online hears that a phone or another device types; others hear it on request', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const other = await link(t, sandbox, { phoneNumber: CY })
  const { body } = await sandbox.post('groups', { members: [BO, CY, OURS], addressingMode: 'lid' })
  for (const number of [OURS, CY]) await sandbox.phone(number, ({ presences }) => presences[1] === 'available')
  const heard = presences(socket, 3)
  assert.deepEqual((await sandbox.post('typing', { from: BO, to: OURS, kind: 'voice' })).body, { devices: [1] })
  await sandbox.post('typing', { from: BO, group: body.id })
  await other.socket.sendPresenceUpdate('composing', `${OURS}@s.whatsapp.net`)
  const { lid } = await sandbox.phone(BO)
  assert.deepEqual(await heard, [
    [TO_BO, { [TO_BO]: { lastKnownPresence: 'recording' } }],
    [body.id, { [`${lid}@lid`]: { lastKnownPresence: 'composing' } }],
    [`${CY}:1@s.whatsapp.net`, { [`${CY}:1@s.whatsapp.net`]: { lastKnownPresence: 'composing' } }]
  ])
  await socket.sendPresenceUpdate('unavailable')
  await sandbox.phone(OURS, ({ presences }) => presences[1] === 'unavailable')
  assert.deepEqual((await sandbox.post('typing', { from: BO, to: OURS })).body, { devices: [] })
  const anyway = presences(socket, 1)
  const stopped = { from: BO, to: OURS, isTyping: false, isForAll: true }
  assert.deepEqual((await sandbox.post('typing', stopped)).body, { devices: [1] })
  assert.deepEqual(await anyway, [[TO_BO, { [TO_BO]: { lastKnownPresence: 'available' } }]])
  for (const wrong of [{ from: BO }, { from: BO, to: OURS, kind: 'smoke' }, { from: BO, group: '1234567890@g.us' }])
    assert.ok((await sandbox.post('typing', wrong)).status >= 400)
})

test('a phone calls, and the call waits for a device that is away; the device may refuse it', async t => {
  const sandbox = await openSandbox(t)
  const { auth, socket } = await link(t, sandbox)
  const heard = calls(socket, 2)
  await sandbox.post('call', { from: BO, to: OURS, id: 'CALL1', isVideo: true })
  await sandbox.post('call', { from: BO, to: OURS, id: 'CALL1', state: 'timeout' })
  const [offer, end] = await heard
  assert.deepEqual([offer.id, offer.status, offer.isVideo, offer.from], ['CALL1', 'offer', true, TO_BO])
  assert.deepEqual([end.id, end.status], ['CALL1', 'timeout'])
  await socket.rejectCall('CALL1', TO_BO)
  await socket.end(undefined)
  await sandbox.until(({ devices }) => !devices[0].online)
  await sandbox.post('call', { from: BO, to: OURS, id: 'CALL2', byLid: true })
  const again = await connect(t, sandbox.url, { auth })
  const [late] = await calls(again.socket, 1)
  assert.deepEqual([late.id, late.offline, late.callerPn], ['CALL2', true, TO_BO])
  assert.equal((await sandbox.post('call', { from: BO, to: CY })).body.error, 'no-such-device')
  assert.equal((await sandbox.post('call', { from: BO, to: OURS, state: 'sung' })).body.error, 'invalid-request')
})

test('reachoutTimelock: new people are refused with 463 until its end, which the device can ask for', async t => {
  const sandbox = await openSandbox(t)
  const { socket, events } = await link(t, sandbox)
  await sandbox.post('send', { from: BO, to: OURS, text: 'Hello' })
  assert.equal((await socket.fetchAccountReachoutTimelock()).isActive, false)
  const until = Math.floor(Date.now() / 1000) + 3600
  await sandbox.put('faults', { reachoutTimelock: { until, type: 'BIZ_QUALITY' } })
  assert.deepEqual(await errorsOf(socket, ['NEW'], `${CY}@s.whatsapp.net`), ['463'])
  assert.deepEqual(await errorsOf(socket, ['KNOWN'], TO_BO), [undefined])
  const { isActive, timeEnforcementEnds, enforcementType } = await socket.fetchAccountReachoutTimelock()
  assert.deepEqual([isActive, Number(timeEnforcementEnds), enforcementType], [true, until * 1000, 'BIZ_QUALITY'])
  const told = events.next(({ reachoutTimeLock }) => reachoutTimeLock?.isActive === false)
  await sandbox.put('faults', { reachoutTimelock: { until: until - 7200 } })
  await sandbox.post('notify', { phoneNumber: OURS, about: 'reachout-timelock' })
  await told
  assert.deepEqual(await errorsOf(socket, ['LATER'], `${CY}@s.whatsapp.net`), [undefined])
})

test('newChatCap: new people are refused with 475, and the device can ask how many are left', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  await sandbox.put('faults', { newChatCap: { total: 5, used: 5 } })
  assert.deepEqual(await errorsOf(socket, ['NEW'], TO_BO), ['475'])
  const cap = await socket.fetchNewChatMessageCap()
  assert.deepEqual([cap.total_quota, cap.used_quota, /** @type {any} */ (cap).capping_status], [5, 5, 'CAPPED'])
  assert.deepEqual((await sandbox.state()).unknownQueries, [])
})

test('unknownNumbers have no account: look-ups say so, and nobody gets a message to them', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  await sandbox.put('settings', { unknownNumbers: [CY] })
  assert.deepEqual(await socket.onWhatsApp(BO, CY), [{ jid: TO_BO, exists: true }])
  await socket.sendMessage(`${CY}@s.whatsapp.net`, { text: 'Hello?' })
  await sandbox.texts(OURS, ({ chats }) => CY in chats)
  assert.deepEqual((await sandbox.texts(CY)).chats, {})
  assert.equal((await sandbox.put('settings', { unknownNumbers: ['Cy'] })).status, 400)
})

test('a device hears that a device list that it knows has changed, so that it leaves nobody out', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  await socket.sendMessage(TO_BO, { text: 'one' })
  /** @type {string[]} */
  const changes = []
  socket.ws.on('CB:notification,type:devices', (/** @type {any} */ { content }) => changes.push(content[0].tag))
  await link(t, sandbox, { phoneNumber: BO })
  /** @type {(string | undefined)[]} */
  const errors = []
  socket.ws.on('CB:ack,class:message', (/** @type {any} */ { attrs }) => errors.push(attrs.phash))
  await errorsOf(socket, ['TWO'], TO_BO)
  assert.deepEqual(errors, [undefined])
  await sandbox.post('unlink', { phoneNumber: BO })
  await errorsOf(socket, ['THREE'], TO_BO)
  assert.deepEqual(
    [errors, changes],
    [
      [undefined, undefined],
      ['add', 'remove']
    ]
  )
  await sandbox.post('notify', { phoneNumber: OURS, about: 'devices', from: BO })
  await sandbox.post('notify', { phoneNumber: OURS, about: 'privacy-token', from: BO })
  await errorsOf(socket, ['FOUR'], TO_BO)
  assert.deepEqual(changes, ['add', 'remove', 'update'])
  assert.equal((await sandbox.post('notify', { phoneNumber: OURS, about: 'devices' })).status, 400)
})

/** @param {Socket} socket @param {number} count @returns {Promise<any[]>} */
function presences(socket, count) {
  /** @type {any[]} */
  const heard = []
  return new Promise(resolve =>
    socket.ev.on('presence.update', ({ id, presences }) => {
      heard.push([id, presences])
      if (heard.length === count) resolve(heard)
    })
  )
}

/** @param {Socket} socket @param {number} count @returns {Promise<any[]>} */
function calls(socket, count) {
  /** @type {any[]} */
  const heard = []
  return new Promise(resolve =>
    socket.ev.on('call', all => {
      heard.push(...all)
      if (heard.length >= count) resolve(heard)
    })
  )
}

/**
 * Sends messages, and returns the error of each confirmation.
 * @param {Socket} socket
 * @param {string[]} ids
 * @param {string} to
 */
async function errorsOf(socket, ids, to) {
  /** @type {(string | undefined)[]} */
  const errors = []
  for (const id of ids) {
    const ack = new Promise(resolve => socket.ws.once('CB:ack,class:message', resolve))
    await socket.sendMessage(to, { text: id }, { messageId: id })
    errors.push(/** @type {any} */ (await ack).attrs.error)
  }
  return errors
}
