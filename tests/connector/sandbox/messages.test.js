// @ts-check
/** Messages between phones and linked devices. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connect, link, openSandbox, temporaryFile } from '../../support/connector/sandbox_client.js'

const OURS = '15551234567'
const CONTACT = '4915112345678'
const LETTER = { from: CONTACT, to: OURS, text: 'Hello, shop', pushName: 'Bo', id: 'LETTER1' }

test('a text of a contact arrives, and the contact gets a receipt', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const heard = messages(socket)
  const { body } = await sandbox.post('send', LETTER)
  assert.deepEqual(body, { id: 'LETTER1', devices: [1] })
  const [{ key, pushName, message }] = await heard
  assert.deepEqual([key.id, pushName, message.conversation], ['LETTER1', 'Bo', 'Hello, shop'])
  assert.equal(key.remoteJid, `${CONTACT}@s.whatsapp.net`)
  const { receipts } = await phoneWhere(sandbox, CONTACT, ({ receipts }) => receipts.length > 0)
  assert.deepEqual([receipts[0].id, receipts[0].from, receipts[0].device], ['LETTER1', OURS, 1])
})

test('a contact may be addressed by its LID', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const heard = messages(socket)
  await sandbox.post('send', { ...LETTER, byLid: true })
  const [{ key }] = await heard
  assert.match(key.remoteJid, /@lid$/)
  assert.equal(key.remoteJidAlt, `${CONTACT}@s.whatsapp.net`)
})

test('each of many texts arrives once and in order', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const texts = Array.from({ length: 30 }, (_, n) => `text ${n}`)
  const heard = messages(socket, texts.length)
  for (const text of texts) await sandbox.post('send', { from: CONTACT, to: OURS, text })
  assert.deepEqual(
    (await heard).map(({ message }) => message.conversation),
    texts
  )
})

test('texts sent at the same moment all arrive', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const texts = Array.from({ length: 10 }, (_, n) => `text ${n}`)
  const heard = messages(socket, texts.length)
  await Promise.all(texts.map(text => sandbox.post('send', { from: CONTACT, to: OURS, text })))
  assert.deepEqual((await heard).map(({ message }) => message.conversation).sort(), texts)
})

test('a text for a device that is offline waits', async t => {
  const sandbox = await openSandbox(t)
  const { auth, socket } = await link(t, sandbox)
  await socket.end(undefined)
  await sandbox.until(({ devices }) => !devices[0].online)
  await sandbox.post('send', LETTER)
  const again = await connect(t, sandbox.url, { auth })
  const [{ message }] = await messages(again.socket)
  assert.equal(message.conversation, 'Hello, shop')
})

test('a text with a receipt does not come again', async t => {
  const sandbox = await openSandbox(t)
  const { auth, socket } = await link(t, sandbox)
  await sandbox.post('send', LETTER)
  await phoneWhere(sandbox, CONTACT, ({ receipts }) => receipts.length > 0)
  await socket.end(undefined)
  const again = await connect(t, sandbox.url, { auth })
  const heard = messages(again.socket)
  await again.settled()
  await sandbox.post('send', { ...LETTER, id: 'LETTER2', text: 'the next one' })
  assert.equal((await heard)[0].key.id, 'LETTER2')
})

test('a device asks again for a text that it cannot decrypt', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const heard = texts(socket)
  await sandbox.post('send', { ...LETTER, isCorrupt: true })
  const [{ key, message }] = await heard
  assert.deepEqual([key.id, message.conversation], ['LETTER1', 'Hello, shop'])
})

test('a message to a number without a linked device is refused', async t => {
  const sandbox = await openSandbox(t)
  const { status, body } = await sandbox.post('send', LETTER)
  assert.deepEqual([status, body.error], [404, 'no-such-device'])
})

test("a text of the device reaches the contact and the account's own phone", async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const sent = await socket.sendMessage(`${CONTACT}@s.whatsapp.net`, { text: 'Hello, contact' })
  const shown = { id: sent?.key.id, from: OURS, kind: 'text', text: 'Hello, contact', copies: 1 }
  assert.deepEqual((await phoneWhere(sandbox, CONTACT, hasMail)).inbox, [{ ...shown, chat: OURS }])
  assert.deepEqual((await phoneWhere(sandbox, OURS, hasMail)).inbox, [{ ...shown, chat: CONTACT }])
  assert.deepEqual((await sandbox.state()).unknownQueries, [])
})

test('the device gets a receipt when its text is delivered, and another when it is read', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const statuses = statusesOf(socket)
  const sent = await socket.sendMessage(`${CONTACT}@s.whatsapp.net`, { text: 'Hello, contact' })
  await phoneWhere(sandbox, CONTACT, hasMail)
  await sandbox.post('read', { phoneNumber: CONTACT, id: sent?.key.id })
  assert.equal(await statuses.until(status => status === 4), sent?.key.id)
})

test('both sides of a conversation can write', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  await socket.sendMessage(`${CONTACT}@s.whatsapp.net`, { text: 'one' })
  await phoneWhere(sandbox, CONTACT, hasMail)
  const heard = texts(socket)
  await sandbox.post('send', { ...LETTER, text: 'two' })
  assert.equal((await heard)[0].message.conversation, 'two')
  await socket.sendMessage(`${CONTACT}@s.whatsapp.net`, { text: 'three' })
  const { inbox } = await phoneWhere(sandbox, CONTACT, ({ inbox }) => inbox.length === 2)
  assert.equal(inbox[1].text, 'three')
})

test('a text between two linked accounts reaches the device of the other', async t => {
  const sandbox = await openSandbox(t)
  const ours = await link(t, sandbox)
  const theirs = await link(t, sandbox, { phoneNumber: CONTACT })
  const heard = texts(theirs.socket)
  await ours.socket.sendMessage(`${CONTACT}@s.whatsapp.net`, { text: 'Hello, device' })
  const [{ key, message }] = await heard
  assert.equal(message.conversation ?? message.extendedTextMessage?.text, 'Hello, device')
  assert.match(key.remoteJid, new RegExp(`^${OURS}`))
})

test('a conversation goes on though a restart made the phone forget it', async t => {
  const stateFile = await temporaryFile(t)
  const before = await openSandbox(t, { stateFile })
  const { auth, socket } = await link(t, before)
  const first = texts(socket)
  await before.post('send', LETTER)
  await first
  await socket.sendMessage(`${CONTACT}@s.whatsapp.net`, { text: 'before' })
  await before.close()
  const after = await openSandbox(t, { stateFile })
  const getMessage = async () => ({ conversation: 'after' })
  const again = await connect(t, after.url, { auth, getMessage })
  await again.open()
  await again.socket.sendMessage(`${CONTACT}@s.whatsapp.net`, { text: 'after' })
  assert.equal((await phoneWhere(after, CONTACT, hasMail)).inbox[0].text, 'after')
  const heard = texts(again.socket)
  await after.post('send', { ...LETTER, id: 'LETTER2', text: 'and back' })
  assert.equal((await heard)[0].message.conversation, 'and back')
})

test('messageError: a text that the device sends is refused', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  await sandbox.put('faults', { messageError: 463 })
  const statuses = statusesOf(socket)
  const sent = await socket.sendMessage(`${CONTACT}@s.whatsapp.net`, { text: 'Hello, contact' })
  await sandbox.post('send', LETTER) // Baileys holds back what it knows of own messages until something arrives
  assert.equal(await statuses.until(status => status === 0 || status === 'ERROR'), sent?.key.id)
  assert.deepEqual((await phoneWhere(sandbox, CONTACT, () => true)).inbox, [])
})

/** @typedef {Awaited<ReturnType<typeof connect>>['socket']} Socket */

/** @param {any} phone */
function hasMail({ inbox }) {
  return inbox.length > 0
}

/**
 * @param {Socket} socket
 * @param {number} [count]
 * @param {(message: any) => boolean} [isWanted]
 * @returns {Promise<any[]>}
 */
function messages(socket, count = 1, isWanted = () => true) {
  /** @type {any[]} */
  const heard = []
  return new Promise(resolve => {
    socket.ev.on('messages.upsert', ({ messages }) => {
      heard.push(...messages.filter(isWanted))
      if (heard.length >= count) resolve(heard)
    })
  })
}

/** Messages from others that could be decrypted. @param {Socket} socket */
function texts(socket) {
  return messages(socket, 1, ({ key, message }) => !key.fromMe && !!message)
}

/**
 * Statuses of own messages, from either event of Baileys.
 * @param {Socket} socket
 */
function statusesOf(socket) {
  /** @type {{ id: unknown, status: unknown }[]} */
  const heard = []
  let wake = () => {}
  const note = (/** @type {{ id: unknown, status: unknown }} */ status) => {
    heard.push(status)
    wake()
  }
  socket.ev.on('messages.update', updates => {
    for (const { key, update } of updates) note({ id: key.id, status: update.status })
  })
  socket.ev.on('messages.upsert', ({ messages }) => {
    for (const { key, status } of messages) if (key.fromMe) note({ id: key.id, status })
  })
  return {
    /** @param {(status: unknown) => boolean} isWanted */
    async until(isWanted) {
      for (;;) {
        const found = heard.find(({ status }) => isWanted(status))
        if (found) return found.id
        await new Promise(resolve => (wake = () => resolve(null)))
      }
    }
  }
}

/**
 * @param {Awaited<ReturnType<typeof openSandbox>>} sandbox
 * @param {string} phoneNumber
 * @param {(phone: any) => boolean} isWanted
 */
async function phoneWhere(sandbox, phoneNumber, isWanted) {
  const deadline = AbortSignal.timeout(5000)
  for (;;) {
    const { body } = await sandbox.ask('GET', `phone?phoneNumber=${phoneNumber}`)
    if (isWanted(body)) return body
    deadline.throwIfAborted()
  }
}
