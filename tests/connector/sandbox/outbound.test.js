// @ts-check
/** What the server and the phones make of the messages that a linked device sends. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connect, link, newDevice, openSandbox } from '../../support/connector/sandbox_client.js'

const OURS = '15551234567'
const BO = '4915112345678'
const CY = '4915187654321'
const TO_BO = `${BO}@s.whatsapp.net`
const TO_CY = `${CY}@s.whatsapp.net`

/** @typedef {Awaited<ReturnType<typeof link>>['socket']} Socket */

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

/**
 * Attributes of the stanzas of one kind that a client gets.
 * @param {Socket} socket
 * @param {string} kind
 */
function stanzasOf(socket, kind) {
  /** @type {any[]} */
  const seen = []
  let wake = () => {}
  socket.ws.on(kind, (/** @type {any} */ { attrs }) => {
    seen.push(attrs)
    wake()
  })
  return {
    all: () => seen,
    /** @param {string} id */
    async until(id) {
      const deadline = AbortSignal.timeout(5000)
      while (!seen.some(attrs => attrs.id === id))
        await new Promise((resolve, reject) => {
          wake = () => resolve(null)
          deadline.onabort = () => reject(new Error(`no ${kind} for ${id}`))
        })
    }
  }
}

/** @param {Socket} socket */
const acksOf = socket => stanzasOf(socket, 'CB:ack,class:message')

/** @param {Socket} socket */
const receiptsOf = socket => stanzasOf(socket, 'CB:receipt')

/** @param {Socket} socket @param {number} count @returns {Promise<string[]>} */
function textsOf(socket, count) {
  /** @type {string[]} */
  const heard = []
  return new Promise(resolve => {
    socket.ev.on('messages.upsert', ({ messages }) => {
      for (const { message } of messages) {
        const text = message?.conversation ?? message?.extendedTextMessage?.text
        if (text) heard.push(text)
      }
      if (heard.length >= count) resolve(heard)
    })
  })
}

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
