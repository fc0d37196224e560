// @ts-check
/** Messages that are like one that Baileys has handled. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { STORED } from '../../../connector/messages/decryption.js'
import { openShortcut } from '../../../connector/messages/shortcut.js'
import { openAccount, OURS } from '../../support/connector/inbox_account.js'
import { openSandbox } from '../../support/connector/sandbox_client.js'

const BO = '4915112345678'
const CY = '4915187654321'

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {import('../../../connector/node_modules/baileys/lib/index.js').BinaryNode} Stanza */

/** An account that is open, and the ids of the messages that Baileys has handled to their end. @param {TestContext} t */
async function open(t) {
  const sandbox = await openSandbox(t)
  const account = await openAccount(t, sandbox)
  const client = await account.open({ markOnlineOnConnect: false })
  await client.open()
  /** @type {(string | null | undefined)[]} */
  const handled = []
  client.socket.ev.on('messages.upsert', ({ messages }) => void handled.push(...messages.map(({ key }) => key.id)))
  /** @param {string} text @param {object} [more] */
  const write = async (text, more = {}) => {
    await sandbox.post('send', { from: BO, to: OURS, id: text, text, ...more })
    await account.texts(text)
  }
  return { sandbox, account, client, handled, write }
}

/** The receipts that somebody got, once there are so many. @param {Awaited<ReturnType<typeof open>>} parts @param {number} count */
async function receipts({ sandbox }, count, phoneNumber = BO) {
  const deadline = AbortSignal.timeout(10_000)
  for (;;) {
    const { body } = await sandbox.ask('GET', `phone?phoneNumber=${phoneNumber}`)
    if (body.receipts.length >= count) return body.receipts.map((/** @type {any} */ { id, type }) => `${id} ${type}`)
    deadline.throwIfAborted()
  }
}

for (const [whose, isConversation] of /** @type {const} */ ([
  ['whom nobody has answered', false],
  ['whom the account has answered', true]
])) {
  test(`Baileys handles the first message of somebody ${whose}, and every one gets the same receipt once`, async t => {
    const parts = await open(t)
    if (isConversation) await parts.client.socket.sendMessage(`${BO}@s.whatsapp.net`, { text: 'Hello' })
    const before = (await receipts(parts, 0)).length
    parts.handled.length = 0
    for (const text of ['one', 'two', 'three']) await parts.write(text)
    await parts.write('other', { from: CY })
    assert.deepEqual((await receipts(parts, before + 3)).slice(before), [
      'one inactive',
      'two inactive',
      'three inactive'
    ])
    assert.deepEqual(parts.handled, ['one', 'other'])
  })
}

test('an account that is shown as online confirms as such', async t => {
  const parts = await open(t)
  await parts.write('one')
  await parts.client.socket.sendPresenceUpdate('available')
  await parts.write('two')
  await parts.client.socket.sendPresenceUpdate('unavailable')
  await parts.write('three')
  assert.deepEqual(await receipts(parts, 3), ['one inactive', 'two delivered', 'three inactive'])
  assert.deepEqual(parts.handled, ['one'])
})

test('Baileys handles the first message of each member of a group, and the first with another address', async t => {
  const parts = await open(t)
  const group = (await parts.sandbox.post('groups', { members: [OURS, BO, CY] })).body.id
  for (const text of ['one', 'two', 'three']) await parts.write(text, { to: undefined, group })
  await parts.write('of another', { to: undefined, group, from: CY })
  await parts.write('alone')
  await parts.write('by lid', { byLid: true })
  await parts.write('by lid again', { byLid: true })
  // The first message brings the sender key, in a part of its own.
  assert.deepEqual(parts.handled, ['one', 'two', 'of another', 'alone', 'by lid'])
  assert.deepEqual((await receipts(parts, 6)).length, 6)
})

test('a message that cannot be opened is requested again, and comes in its readable copy', async t => {
  const parts = await open(t)
  await parts.write('one')
  await parts.write('two', { isCorrupt: true })
  await parts.write('three')
  assert.deepEqual(await parts.account.texts('three'), ['one', 'two', 'three'])
  const got = await receipts(parts, 4)
  assert.deepEqual(got.slice(0, 2), ['one inactive', 'two retry'])
  assert.deepEqual(got.slice(2).sort(), ['three inactive', 'two inactive'])
})

test('a message that comes a second time on one link is confirmed a second time, and reported once', async t => {
  const parts = await open(t)
  await parts.write('one')
  /** @type {Stanza[]} */
  const stanzas = []
  parts.client.socket.ws.on('CB:message', (/** @type {Stanza} */ stanza) => void stanzas.push(stanza))
  await parts.write('two')
  const [{ content, ...stanza }] = /** @type {[Stanza]} */ (/** @type {unknown} */ (stanzas))
  const copies = /** @type {Stanza[]} */ (content).map(part =>
    part.content instanceof Uint8Array ? { ...part, content: Buffer.from(part.content) } : part
  )
  parts.client.socket.ws.emit('CB:message', { ...stanza, content: copies })
  await parts.write('three')
  assert.deepEqual(await receipts(parts, 4), ['one inactive', 'two inactive', 'two inactive', 'three inactive'])
  assert.deepEqual(await parts.account.texts('three'), ['one', 'two', 'three'])
})

/** What a text of Bo looks like. @param {Record<string, string>} [attrs] @param {Stanza[]} [more] @returns {Stanza} */
const text = (attrs = {}, more = []) => ({
  tag: 'message',
  attrs: { id: 'ID', from: `${BO}@s.whatsapp.net`, sender_lid: '7@lid', addressing_mode: 'pn', t: '1', ...attrs },
  content: [{ tag: 'enc', attrs: { type: 'msg', v: '2' }, content: Buffer.from('sealed') }, ...more]
})

/**
 * A shortcut that has seen one message, and which stanzas Baileys and the shortcut have handled since.
 * @param {object} [options]
 * @param {Stanza} [options.first] the message
 * @param {string} [options.jid] at which Baileys has opened it
 * @param {Uint8Array[]} [options.opened] what becomes of messages that are opened, the first one included; those after them are stored
 */
async function learned({ first = text(), jid = '7@lid', opened = [] } = {}) {
  /** @type {WeakMap<Uint8Array, Stanza>} */
  const stanzas = new WeakMap()
  const shortcut = openShortcut(stanzas, () => ({ id: `${OURS}:3@s.whatsapp.net`, lid: '123456:3@lid' }))
  const repository = /** @type {any} */ ({})
  const openers = shortcut.openers(repository, async () => opened.shift() ?? STORED)
  /** Baileys opens a message. @param {Stanza} stanza */
  const open = stanza => {
    const [{ content: ciphertext }] = /** @type {[{content: Buffer}]} */ (/** @type {unknown} */ (stanza.content))
    stanzas.set(ciphertext, stanza)
    return openers.decryptMessage({ jid, type: 'msg', ciphertext })
  }
  /** @type {string[]} */
  const ways = []
  const socket = /** @type {any} */ ({ ev: { on() {} }, sendReceipt: async () => void ways.push('shortcut') })
  const handle = shortcut.through(async () => void ways.push('Baileys'), socket)
  await open(first)
  return { shortcut, open, handle, ways }
}

const UNLIKE = /** @type {[string, Stanza][]} */ ([
  ['is of another device', text({ from: `${BO}:5@s.whatsapp.net` })],
  ['names another LID', text({ sender_lid: '8@lid' })],
  ['is a copy of an own one', text({ recipient: `${CY}@s.whatsapp.net` })],
  ['is talk between devices', text({ category: 'peer' })],
  ['is of a group', text({ from: '1@g.us', participant: `${BO}@s.whatsapp.net` })],
  ['is withheld', text({}, [{ tag: 'unavailable', attrs: {} }])],
  ['has two parts', text({}, [{ tag: 'enc', attrs: { type: 'skmsg' }, content: Buffer.from('more') }])],
  [
    'was sent again',
    { ...text(), content: [{ tag: 'enc', attrs: { type: 'msg', count: '1' }, content: Buffer.from('x') }] }
  ],
  ['has no content', { ...text(), content: undefined }]
])

for (const [what, stanza] of UNLIKE) {
  test(`a message that ${what} is for Baileys`, async () => {
    const { handle, ways } = await learned()
    await handle(text({ id: 'OTHER', t: '2', notify: 'Bo', type: 'media' }))
    await handle(stanza)
    assert.deepEqual(ways, ['shortcut', 'Baileys'])
  })
}

test('a message after one of the account itself is for Baileys: it gets another receipt', async () => {
  const own = { from: '1@g.us', participant: `${OURS}:5@s.whatsapp.net` }
  const { handle, ways } = await learned({ first: text(own) })
  await handle(text(own))
  assert.deepEqual(ways, ['Baileys'])
})

test('a message after one that was opened by number is for Baileys: it moves the session to the LID', async () => {
  const { handle, ways } = await learned({ jid: `${BO}@s.whatsapp.net` })
  await handle(text())
  assert.deepEqual(ways, ['Baileys'])
})

test('a message after one that said something to the device is for Baileys', async () => {
  const { handle, ways } = await learned({ opened: [Buffer.from('to the device')] })
  await handle(text())
  assert.deepEqual(ways, ['Baileys'])
})

test('Baileys gets what the shortcut has opened if it says something to the device, and does not open it again', async () => {
  const { open, handle, ways } = await learned({ opened: [STORED, Buffer.from('to the device'), Buffer.from('again')] })
  const stanza = text()
  await handle(stanza)
  assert.deepEqual(ways, ['Baileys'])
  assert.equal(String(await open(stanza)), 'to the device')
})

test('after something new about the addresses of somebody, Baileys handles the next message', async () => {
  const { shortcut, handle, ways } = await learned()
  shortcut.forget({ [CY]: '90000001', '90000001_reverse': CY })
  await handle(text())
  shortcut.forget({ [BO]: '90000002', '90000002_reverse': BO })
  await handle(text())
  assert.deepEqual(ways, ['shortcut', 'Baileys'])
})

test('a thousand addresses are known at most', async () => {
  const { open, handle, ways } = await learned()
  const from = (/** @type {number} */ n) => text({ from: `${n}@s.whatsapp.net` })
  for (let n = 1; n <= 999; n++) await open(from(n))
  await handle(text())
  await open(from(1_000))
  await handle(text())
  await handle(from(1_000))
  assert.deepEqual(ways, ['shortcut', 'Baileys', 'shortcut'])
})
