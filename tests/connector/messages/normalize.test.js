// @ts-check
/** What people read of WhatsApp's messages, and what of them is remembered. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { aliasesInKey, resolve } from '../../../connector/messages/addresses.js'
import { messageReceived } from '../../../connector/ipc/events.js'
import { openDedup } from '../../../connector/messages/dedup.js'
import { normalizeMessage } from '../../../connector/messages/normalize.js'
import { openConnectorDatabase } from '../../../connector/storage/database.js'

const OURS = '15551234567:3@s.whatsapp.net'
const ME = { id: OURS, lid: '123123123123123:3@lid' }
const BO = '4915112345678@s.whatsapp.net'
const GROUP = '120363041234567890@g.us'
const LID = '909913313250243@lid'

/** A store of keys that knows no mapping. @type {any} */
const NO_KEYS = { get: () => ({}) }

/** @param {object} message @param {{key?: object} & Record<string, unknown>} [more] */
const read = (message, { key = {}, ...more } = {}) => {
  /** @type {any} */
  const received = {
    key: { remoteJid: BO, id: 'ID', ...key },
    messageTimestamp: 1779710460,
    pushName: 'Bo',
    message,
    ...more
  }
  return normalizeMessage(received, resolve(aliasesInKey(received.key, ME), NO_KEYS))
}

test('a text is told with who wrote it, where and when', () => {
  const expected = {
    id: 'ID',
    chat: BO,
    chatLid: null,
    sender: BO,
    senderLid: null,
    fromMe: false,
    pushName: 'Bo',
    sentAt: 1779710460000,
    kind: 'text',
    text: 'Hi'
  }
  assert.deepEqual(read({ conversation: 'Hi' }), expected)
  assert.deepEqual(read({ extendedTextMessage: { text: 'Hi' }, messageContextInfo: {} }), expected)
  assert.deepEqual(read({ ephemeralMessage: { message: { conversation: 'Hi' } } }), expected)
})

test('media are told by the name of their field, with their caption', () => {
  const told = (/** @type {object} */ message) => [read(message)?.kind, read(message)?.text]
  assert.deepEqual(told({ imageMessage: { caption: 'Look' } }), ['imageMessage', 'Look'])
  assert.deepEqual(told({ imageMessage: {} }), ['imageMessage', null])
  assert.deepEqual(told({ viewOnceMessageV2: { message: { videoMessage: { caption: 'Once' } } } }), [
    'videoMessage',
    'Once'
  ])
  assert.deepEqual(told({ documentWithCaptionMessage: { message: { documentMessage: { caption: 'Read' } } } }), [
    'documentMessage',
    'Read'
  ])
  assert.deepEqual(told({ reactionMessage: { text: '👍' } }), ['reactionMessage', '👍'])
  assert.deepEqual(told({ locationMessage: { name: 'Here' } }), ['locationMessage', null])
})

for (const [what, message, more] of /** @type {const} */ ([
  ['what could not be decrypted', null],
  ['an empty message', {}],
  ['an empty text', { conversation: '' }],
  ['what only aliases keys', { senderKeyDistributionMessage: { groupId: GROUP }, messageContextInfo: {} }],
  ['a deletion', { protocolMessage: { type: 0 } }],
  ['an edit', { editedMessage: { message: { protocolMessage: { type: 14 } } } }],
  ['what the own phone tells this device', { conversation: 'Hi' }, { category: 'peer' }],
  ['what has no id', { conversation: 'Hi' }, { key: { id: '' } }],
  ['a wrapping without content', { ephemeralMessage: {} }]
])) {
  test(`${what} is no message`, () => assert.equal(read(/** @type {any} */ (message), more), null))
}

test('a text that brings keys along is a text', () => {
  assert.equal(read({ senderKeyDistributionMessage: { groupId: GROUP }, conversation: 'Hi' })?.text, 'Hi')
})

test('the worst that anybody can send is a line that the front reads', () => {
  const worst = '\u0001'.repeat(200_000)
  const message = read(
    { conversation: worst },
    { pushName: worst, key: { id: worst, remoteJid: `${worst}@g.us`, participant: `${worst}@lid` } }
  )
  assert.equal(message?.text?.length, 65_536)
  assert.ok(JSON.stringify(messageReceived(/** @type {any} */ (message))).length < 512 * 1024)
})

test('half a character is never told', () => {
  assert.equal(read({ conversation: `${'x'.repeat(65_535)}😀` })?.text?.at(-1), '\ufffd')
  assert.equal(read({ conversation: 'a\ud83d' })?.text, 'a\ufffd')
})

for (const timestamp of [undefined, null, 0, NaN, -1, 1e12, Infinity]) {
  test(`a time of ${timestamp} is taken for now`, () => {
    const before = Date.now()
    const { sentAt } = /** @type {any} */ (read({ conversation: 'Hi' }, { messageTimestamp: timestamp }))
    assert.ok(sentAt >= before && sentAt <= Date.now())
  })
}

test('the last ten thousand messages are known again, those before them no more', t => {
  const { dedup, told } = openTestDedup(t)
  dedup.store(Array.from({ length: 10_001 }, (_, n) => messageCopy({ id: `ID ${n}` })))
  const known = [0, 1].map(n => dedup.has(messageCopy({ id: `ID ${n}` })))
  assert.deepEqual([told().length, known], [10_001, [false, true]])
  dedup.store([messageCopy({ id: 'ID 1' })])
  assert.equal(told().length, 10_001)
})

test('one id of two members of a group means two messages, and one of a chat of two means one', t => {
  const { dedup, told } = openTestDedup(t)
  for (const sender of [[BO], [LID], [BO]]) dedup.store([messageCopy({ chat: [GROUP], sender })])
  for (const chat of [[BO], [BO], [BO, LID], [LID, BO]]) dedup.store([messageCopy({ chat, sender: chat })])
  assert.equal(told().length, 3)
})

test('a message that was recorded is known again by its other address, once that is known', t => {
  const { dedup } = openTestDedup(t)
  dedup.store([messageCopy({ chat: [GROUP], sender: [LID] })])
  assert.equal(dedup.has(messageCopy({ chat: [GROUP], sender: [BO] })), false)
  assert.equal(dedup.has(messageCopy({ chat: [GROUP], sender: [BO, LID] })), true)
})

test('a message that was recorded before senders counted is known again, whoever wrote it', t => {
  const { database, dedup } = openTestDedup(t)
  database.connection.exec(`INSERT INTO received (id, chat) VALUES ('ID', '${GROUP}'), ('ID', '${BO}')`)
  assert.equal(dedup.has(messageCopy({ chat: [GROUP], sender: [LID] })), true)
  assert.equal(dedup.has(messageCopy({ chat: [LID, BO], sender: [LID, BO] })), true)
  assert.equal(dedup.has(messageCopy({ chat: [LID], sender: [LID] })), false)
})

test('a database of the schema before is taken over with all that it remembers', t => {
  const folder = mkdtempSync(join(tmpdir(), 'motte-dedup-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const old = new DatabaseSync(join(folder, 'connector.db'))
  old.exec(`CREATE TABLE facts (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
    CREATE TABLE credentials (kind TEXT NOT NULL, id TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;
    CREATE TABLE received (number INTEGER PRIMARY KEY, chat TEXT NOT NULL, id TEXT NOT NULL, UNIQUE (chat, id)) STRICT;
    INSERT INTO received (chat, id) VALUES ('${GROUP}', 'OLD');
    PRAGMA user_version = 2`)
  old.close()
  const database = openConnectorDatabase(folder)
  t.after(() => database.close())
  const dedup = openDedup(database, () => ({ spool() {}, deliver() {} }))
  assert.equal(dedup.has(messageCopy({ id: 'OLD', chat: [GROUP], sender: [LID] })), true)
  assert.equal(dedup.has(messageCopy({ id: 'NEW', chat: [GROUP], sender: [LID] })), false)
})

test('a message of which no copy can be read is told once six copies came, and once', t => {
  const { dedup, told } = openTestDedup(t)
  for (let copy = 1; copy <= 5; copy++) dedup.addUnreadable(messageCopy({}))
  assert.deepEqual(told(), [])
  dedup.addUnreadable(messageCopy({}))
  dedup.addUnreadable(messageCopy({}))
  assert.deepEqual(
    told().map(({ id }) => id),
    ['ID']
  )
})

test('a message of which no other copy is asked for is told at once', t => {
  const { dedup, told } = openTestDedup(t)
  dedup.addUnreadable(messageCopy({}), { isLast: true })
  assert.equal(told().length, 1)
})

test('a message of which no copy came that can be read is told after a while, by the next process too', async t => {
  const { dedup, told, database } = openTestDedup(t, { timeoutMs: 20 })
  dedup.addUnreadable(messageCopy({}))
  dedup.close() // its process is killed
  assert.deepEqual(told(), [])
  const { promise, resolve } = Promise.withResolvers()
  openDedup(database, () => ({ spool: resolve, deliver() {} }), { timeoutMs: 20 })
  assert.equal(/** @type {any} */ (await promise).id, 'ID')
})

test('a copy that can be read ends the wait, and is told also after the message was told as unreadable', t => {
  const { dedup, told, database } = openTestDedup(t)
  dedup.addUnreadable(messageCopy({}))
  dedup.store([messageCopy({ chat: [LID, BO], sender: [LID, BO] })])
  dedup.addUnreadable(messageCopy({ id: 'OTHER' }), { isLast: true })
  dedup.store([messageCopy({ id: 'OTHER' })])
  assert.deepEqual(
    told().map(({ id }) => id),
    ['ID', 'OTHER', 'OTHER']
  )
  assert.deepEqual(database.connection.prepare('SELECT * FROM unreadable').all(), [])
})

test('what was opened and nobody reads is known again by its bytes, and is not told as unreadable', t => {
  const { dedup, told } = openTestDedup(t)
  const ciphertext = Buffer.from('sealed')
  dedup.addUnreadable(messageCopy({}))
  dedup.store([{ ...messageCopy({}), message: null, ciphertext }])
  assert.equal(dedup.hasDecrypted(Buffer.from('sealed')), true)
  assert.equal(dedup.hasDecrypted(Buffer.from('sealed otherwise')), false)
  assert.equal(dedup.has(messageCopy({})), false)
  for (let copy = 1; copy <= 5; copy++) dedup.addUnreadable(messageCopy({}))
  assert.deepEqual(told(), [])
})

/** @param {{id?: string, chat?: string[], sender?: string[]}} what */
function messageCopy({ id = 'ID', chat = [BO], sender = chat }) {
  const message = { ...read({ conversation: 'Hi' }), id }
  return /** @type {import('../../../connector/messages/dedup.js').MessageCopy & {message: any}} */ ({
    id,
    aliases: { chat, sender },
    message
  })
}

/** @param {import('node:test').TestContext} t @param {{timeoutMs?: number}} [options] */
function openTestDedup(t, options) {
  const folder = mkdtempSync(join(tmpdir(), 'motte-dedup-'))
  const database = openConnectorDatabase(folder)
  t.after(() => {
    database.close()
    rmSync(folder, { recursive: true })
  })
  /** @type {any[]} */
  const told = []
  const dedup = openDedup(database, () => ({ spool: event => void told.push(event), deliver() {} }), options)
  t.after(() => dedup.close())
  return { database, dedup, told: () => told }
}
