// @ts-check
/** What the server and the phones make of the messages that a linked device sends. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connect, link, newDevice, openSandbox } from '../../support/connector/sandbox_client.js'
import { receiptsOf, textsOf } from '../../support/connector/stanzas.js'

const OURS = '15551234567'
const BO = '4915112345678'
const CY = '4915187654321'
const TO_BO = `${BO}@s.whatsapp.net`
const TO_CY = `${CY}@s.whatsapp.net`

/** @typedef {Awaited<ReturnType<typeof link>>['socket']} Socket */

/** A cache without an end, as that of a connector that outlives its sockets. */
function cache() {
  const kept = new Map()
  return /** @type {any} */ ({
    get: (/** @type {string} */ key) => kept.get(key),
    set: (/** @type {string} */ key, /** @type {unknown} */ value) => void kept.set(key, value),
    del: (/** @type {string} */ key) => void kept.delete(key),
    flushAll: () => kept.clear()
  })
}

test('a phone shows an id once, counts its copies, and confirms each of them', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const receipts = receiptsOf(socket)
  for (const text of ['one', 'changed']) await socket.relayMessage(TO_BO, { conversation: text }, { messageId: 'SAME' })
  await socket.sendMessage(TO_BO, { text: 'two' }, { messageId: 'OTHER' })
  const { chats, copies, dropped } = await sandbox.texts(BO, ({ chats }) => chats[OURS]?.length === 2)
  assert.deepEqual([chats, copies, dropped], [{ [OURS]: ['one', 'two'] }, 1, 0])
  await receipts.until('OTHER')
  assert.deepEqual(
    receipts.all().map(({ id }) => id),
    ['SAME', 'SAME', 'OTHER']
  )
})

for (const receiptsForDuplicates of [false, true]) {
  test(`a phone drops a message whose key was used, ${receiptsForDuplicates ? 'with' : 'without'} a receipt, and does not ask again`, async t => {
    const sandbox = await openSandbox(t)
    const kept = new Map()
    const auth = newDevice(kept)
    const userDevicesCache = cache()
    const first = await link(t, sandbox, { auth, userDevicesCache })
    const send = (/** @type {Socket} */ socket, /** @type {string} */ text) =>
      socket.sendMessage(TO_BO, { text }, { messageId: text })
    await send(first.socket, 'one')
    await sandbox.post('send', { from: BO, to: OURS, text: 'an answer, so that conversations are open' })
    await send(first.socket, 'two')
    await sandbox.texts(BO, ({ chats }) => chats[OURS]?.length === 2)
    const before = new Map(kept)
    await send(first.socket, 'three')
    await sandbox.texts(BO, ({ chats }) => chats[OURS]?.length === 3)
    await first.socket.end(undefined)
    kept.clear()
    for (const [key, value] of before) kept.set(key, value)
    await sandbox.put('faults', { receiptsForDuplicates })
    const { socket, open } = await connect(t, sandbox.url, { auth: first.auth, userDevicesCache })
    await open()
    const receipts = receiptsOf(socket)
    for (const text of ['four', 'five']) await send(socket, text)
    const { chats, dropped } = await sandbox.texts(BO, ({ chats }) => chats[OURS]?.includes('five'))
    assert.deepEqual([chats[OURS], dropped], [['one', 'two', 'three', 'five'], 1])
    assert.deepEqual((await sandbox.phone(BO)).dropped, [{ id: 'four', from: OURS, isShown: false }])
    await receipts.until('five')
    const expected = receiptsForDuplicates ? ['four', 'five'] : ['five']
    assert.deepEqual(
      receipts.all().map(({ id, type }) => [id, type]),
      expected.map(id => [id, undefined])
    )
  })
}

test('receipts of a phone and of its devices wait for a sender who is away: delivered, read, played', async t => {
  const sandbox = await openSandbox(t)
  const { auth, socket } = await link(t, sandbox)
  const theirs = await link(t, sandbox, { phoneNumber: BO })
  await sandbox.put('faults', { dropAck: { cut: true } })
  await socket.sendMessage(TO_BO, { text: 'one' }, { messageId: 'ONE' })
  await sandbox.until(({ devices }) => !devices[0].online)
  await sandbox.phone(BO, ({ inbox }) => inbox.length === 1)
  await sandbox.put('faults', {})
  await sandbox.post('read', { phoneNumber: BO, id: 'ONE' })
  await sandbox.post('read', { phoneNumber: BO, id: 'ONE', isPlayed: true })
  await theirs.socket.readMessages([{ remoteJid: `${OURS}@s.whatsapp.net`, id: 'ONE', fromMe: false }])
  await sandbox.phone(OURS, ({ receipts }) => receipts.some((/** @type {any} */ { type }) => type === 'read'))
  const again = await connect(t, sandbox.url, { auth })
  const receipts = receiptsOf(again.socket)
  await again.settled()
  const named = receipts.all().map(({ from, type = 'delivered' }) => `${from.split('@')[0]} ${type}`)
  for (const wanted of [`${BO} delivered`, `${BO} read`, `${BO} played`, `${BO}:1 read`])
    assert.ok(named.includes(wanted), `${wanted} of ${named.join(', ')}`)
})

test('a phone that is switched off gets its messages in order when it is on again, and confirms them then', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const receipts = receiptsOf(socket)
  await sandbox.put('settings', { offlinePhones: [BO] })
  const texts = ['one', 'two', 'three']
  for (const text of texts) await socket.sendMessage(TO_BO, { text }, { messageId: text })
  await socket.sendMessage(TO_CY, { text: 'to Cy' }, { messageId: 'CY' })
  await receipts.until('CY')
  assert.deepEqual([receipts.all().length, (await sandbox.texts(BO)).chats], [1, {}])
  await sandbox.put('settings', {})
  await receipts.until('three')
  assert.deepEqual((await sandbox.texts(BO)).chats, { [OURS]: texts })
  assert.equal((await sandbox.put('settings', { offlinePhones: BO })).status, 400)
})

test('linked devices of the recipient and of the sender get each message, in order', async t => {
  const sandbox = await openSandbox(t)
  const ours = await link(t, sandbox)
  const other = await link(t, sandbox)
  const theirs = await link(t, sandbox, { phoneNumber: BO })
  const texts = Array.from({ length: 20 }, (_, n) => `text ${n}`)
  const heard = [other, theirs].map(({ socket }) => textsOf(socket, texts.length))
  for (const text of texts) await ours.socket.sendMessage(TO_BO, { text })
  for (const got of await Promise.all(heard)) assert.deepEqual(got, texts)
  assert.deepEqual((await sandbox.texts(OURS, ({ chats }) => chats[BO]?.length === 20)).chats[BO], texts)
  assert.deepEqual((await sandbox.state()).unknownQueries, [])
})

test('a phone that cannot open a message asks again, at most five times', async t => {
  const sandbox = await openSandbox(t)
  const stored = new Map()
  const { socket } = await link(t, sandbox, { getMessage: async ({ id }) => stored.get(id) })
  const receipts = receiptsOf(socket)
  stored.set('ONE', { conversation: 'one' })
  const nonsense = { tag: 'enc', attrs: { v: '2', type: 'msg' }, content: Buffer.alloc(60, 0x33) }
  const to = { tag: 'to', attrs: { jid: TO_BO }, content: [nonsense] }
  const attrs = { id: 'ONE', to: TO_BO, type: 'text' }
  await socket.sendNode({ tag: 'message', attrs, content: [{ tag: 'participants', attrs: {}, content: [to] }] })
  assert.deepEqual((await sandbox.texts(BO, ({ chats }) => OURS in chats)).chats, { [OURS]: ['one'] })
  for (let n = 0; n < 6; n++)
    await socket.sendNode({
      tag: 'message',
      attrs: { ...attrs, id: 'LOST', device_fanout: 'false' },
      content: [nonsense]
    })
  await socket.sendMessage(TO_BO, { text: 'last' }, { messageId: 'LAST' })
  await receipts.until('LAST')
  const asked = receipts.all().filter(({ id, type }) => id === 'LOST' && type === 'retry')
  assert.equal(asked.length, 5)
})
