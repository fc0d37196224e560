// @ts-check
/** Faults of the server with the messages that a linked device sends. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { link, openSandbox } from '../../support/connector/sandbox_client.js'
import { acksOf } from '../../support/connector/stanzas.js'

const OURS = '15551234567'
const BO = '4915112345678'
const CY = '4915187654321'
const TO_BO = `${BO}@s.whatsapp.net`
const TO_CY = `${CY}@s.whatsapp.net`

test('dropAck: a message is delivered and never confirmed, for one message or for one number', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const acks = acksOf(socket)
  await sandbox.put('faults', { dropAck: { value: { to: BO }, times: 1 } })
  for (const [to, text] of [
    [TO_CY, 'to Cy'],
    [TO_BO, 'one'],
    [TO_BO, 'two']
  ])
    await socket.sendMessage(to, { text }, { messageId: text })
  assert.deepEqual((await sandbox.texts(BO, ({ chats }) => chats[OURS]?.length === 2)).chats[OURS], ['one', 'two'])
  await acks.until('two')
  assert.deepEqual(
    acks.all().map(({ id }) => id),
    ['to Cy', 'two']
  )
  assert.deepEqual((await sandbox.state()).faults, {})
})

test('dropAck with cut: a message is delivered, and the connection ends instead of a confirmation', async t => {
  const sandbox = await openSandbox(t)
  const { socket, closed } = await link(t, sandbox)
  await sandbox.put('faults', { dropAck: { cut: true } })
  await socket.sendMessage(TO_BO, { text: 'one' })
  assert.equal((await closed()).code, 428)
  assert.deepEqual((await sandbox.texts(BO, ({ chats }) => OURS in chats)).chats, { [OURS]: ['one'] })
})

test('dropMessage: the connection is cut before a message is taken', async t => {
  const sandbox = await openSandbox(t)
  const { socket, closed } = await link(t, sandbox)
  await sandbox.put('faults', { dropMessage: true })
  await socket.sendMessage(TO_BO, { text: 'one' })
  assert.equal((await closed()).code, 428)
  assert.deepEqual((await sandbox.texts(BO)).chats, {})
})

test('ackDelay: confirmations come late, and in another order; messages arrive in theirs', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const acks = acksOf(socket)
  for (const to of [TO_BO, TO_CY])
    await socket.sendMessage(to, { text: 'first' }, { messageId: `first of ${to.split('@')[0]}` })
  await acks.until(`first of ${CY}`)
  await sandbox.put('faults', { ackDelay: { to: BO, seconds: [0.5, 0.51] } })
  await socket.sendMessage(TO_BO, { text: 'late' }, { messageId: 'late' })
  await socket.sendMessage(TO_CY, { text: 'soon' }, { messageId: 'soon' })
  await acks.until('late')
  assert.deepEqual(
    acks
      .all()
      .map(({ id }) => id)
      .slice(2),
    ['soon', 'late']
  )
})

test('messageError: each number has its refusal, and others get their messages', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const acks = acksOf(socket)
  await sandbox.put('faults', {
    messageError: [
      { code: 463, to: BO },
      { code: 479, to: [CY] }
    ]
  })
  for (const [to, id] of [
    [TO_BO, 'ONE'],
    [TO_CY, 'TWO'],
    ['4915100000000@s.whatsapp.net', 'THREE']
  ])
    await socket.sendMessage(to, { text: id }, { messageId: id })
  await acks.until('THREE')
  assert.deepEqual(
    acks.all().map(({ error }) => error),
    ['463', '479', undefined]
  )
  assert.deepEqual((await sandbox.texts(BO)).chats, {})
})

test('messageError with newChats: only people who never wrote to the account are refused', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const acks = acksOf(socket)
  await sandbox.put('faults', { messageError: { code: 475, newChats: true } })
  await sandbox.post('send', { from: BO, to: OURS, text: 'Hello' })
  await socket.sendMessage(TO_CY, { text: 'new' }, { messageId: 'NEW' })
  await socket.sendMessage(TO_BO, { text: 'known' }, { messageId: 'KNOWN' })
  await acks.until('KNOWN')
  assert.deepEqual(
    acks.all().map(({ error }) => error),
    ['475', undefined]
  )
})

test('the confirmation carries a hash if the sender has left out a device, and with ackPhash a false one', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const acks = acksOf(socket)
  await sandbox.put('settings', { deviceNotifications: false })
  await socket.sendMessage(TO_BO, { text: 'one' }, { messageId: 'ONE' })
  await link(t, sandbox, { phoneNumber: BO })
  await socket.sendMessage(TO_BO, { text: 'two' }, { messageId: 'TWO' })
  await sandbox.put('faults', { ackPhash: true })
  await socket.sendMessage(TO_CY, { text: 'three' }, { messageId: 'THREE' })
  await acks.until('THREE')
  const [first, second, third] = acks.all().map(({ phash }) => phash)
  assert.equal(first, undefined)
  assert.match(second, /^2:[\w+/]{8}$/)
  assert.equal(third, '2:sandbox0')
})

test('dedupeIds: an id that was used before is confirmed and goes no further', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const acks = acksOf(socket)
  await sandbox.put('faults', { dedupeIds: true })
  for (const text of ['one', 'again']) await socket.relayMessage(TO_BO, { conversation: text }, { messageId: 'SAME' })
  await socket.sendMessage(TO_BO, { text: 'two' }, { messageId: 'OTHER' })
  await acks.until('OTHER')
  const { copies } = await sandbox.texts(BO, ({ chats }) => chats[OURS]?.length === 2)
  assert.deepEqual([acks.all().map(({ id }) => id), copies], [['SAME', 'SAME', 'OTHER'], 0])
})

test('dedupeIds: a message that a phone or a device has asked for again goes further under its id', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox, { getMessage: async () => ({ conversation: 'again' }) })
  await sandbox.put('faults', { dedupeIds: true })
  await socket.sendMessage(TO_BO, { text: 'one' }, { messageId: 'ONE' })
  await sandbox.post('send', { from: BO, to: OURS, text: 'an answer, so that conversations are open' })
  await socket.sendMessage(TO_BO, { text: 'two' }, { messageId: 'TWO' })
  await sandbox.texts(BO, ({ chats }) => chats[OURS]?.length === 2)
  await sandbox.post('forget-keys', { phoneNumber: BO })
  await socket.sendMessage(TO_BO, { text: 'again' }, { messageId: 'THREE' })
  const { chats } = await sandbox.texts(BO, ({ chats }) => chats[OURS]?.length === 3)
  assert.deepEqual(chats[OURS], ['one', 'two', 'again'])
})
