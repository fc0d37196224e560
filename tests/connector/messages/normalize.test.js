// @ts-check
/** What people read of WhatsApp's messages, and what of them is remembered. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { namesOf, resolve } from '../../../connector/messages/addresses.js'
import { messageReceived } from '../../../connector/ipc/events.js'
import { openInbox } from '../../../connector/messages/dedup.js'
import { readMessage } from '../../../connector/messages/normalize.js'
import { openRecord } from '../../../connector/storage/database.js'

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
  return readMessage(received, resolve(namesOf(received.key, ME), NO_KEYS))
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
  ['what only names keys', { senderKeyDistributionMessage: { groupId: GROUP }, messageContextInfo: {} }],
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
  const { inbox, told } = openTestInbox(t)
  inbox.record(Array.from({ length: 10_001 }, (_, n) => arrival({ id: `ID ${n}` })))
  const known = [0, 1].map(n => inbox.has(arrival({ id: `ID ${n}` })))
  assert.deepEqual([told().length, known], [10_001, [false, true]])
  inbox.record([arrival({ id: 'ID 1' })])
  assert.equal(told().length, 10_001)
})

test('one id of two members of a group means two messages, and one of a chat of two means one', t => {
  const { inbox, told } = openTestInbox(t)
  for (const sender of [[BO], [LID], [BO]]) inbox.record([arrival({ chat: [GROUP], sender })])
  for (const chat of [[BO], [BO], [BO, LID], [LID, BO]]) inbox.record([arrival({ chat, sender: chat })])
  assert.equal(told().length, 3)
})

test('a message that was recorded is known again by its other address, once that is known', t => {
  const { inbox } = openTestInbox(t)
  inbox.record([arrival({ chat: [GROUP], sender: [LID] })])
  assert.equal(inbox.has(arrival({ chat: [GROUP], sender: [BO] })), false)
  assert.equal(inbox.has(arrival({ chat: [GROUP], sender: [BO, LID] })), true)
})

test('a message that was recorded before senders counted is known again, whoever wrote it', t => {
  const { database, inbox } = openTestInbox(t)
  database.exec(`INSERT INTO received (id, chat) VALUES ('ID', '${GROUP}'), ('ID', '${BO}')`)
  assert.equal(inbox.has(arrival({ chat: [GROUP], sender: [LID] })), true)
  assert.equal(inbox.has(arrival({ chat: [LID, BO], sender: [LID, BO] })), true)
  assert.equal(inbox.has(arrival({ chat: [LID], sender: [LID] })), false)
})

test('a record of the schema before is taken over with all that it remembers', t => {
  const folder = mkdtempSync(join(tmpdir(), 'motte-inbox-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const old = new DatabaseSync(join(folder, 'connector.db'))
  old.exec(`CREATE TABLE facts (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
    CREATE TABLE credentials (kind TEXT NOT NULL, id TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;
    CREATE TABLE received (number INTEGER PRIMARY KEY, chat TEXT NOT NULL, id TEXT NOT NULL, UNIQUE (chat, id)) STRICT;
    INSERT INTO received (chat, id) VALUES ('${GROUP}', 'OLD');
    PRAGMA user_version = 2`)
  old.close()
  const record = openRecord(folder)
  t.after(() => record.close())
  const inbox = openInbox(record, () => ({ keep() {}, deliver() {} }))
  assert.equal(inbox.has(arrival({ id: 'OLD', chat: [GROUP], sender: [LID] })), true)
  assert.equal(inbox.has(arrival({ id: 'NEW', chat: [GROUP], sender: [LID] })), false)
})

test('a message of which no copy can be read is told once six copies came, and once', t => {
  const { inbox, told } = openTestInbox(t)
  for (let copy = 1; copy <= 5; copy++) inbox.miss(arrival({}))
  assert.deepEqual(told(), [])
  inbox.miss(arrival({}))
  inbox.miss(arrival({}))
  assert.deepEqual(
    told().map(({ id }) => id),
    ['ID']
  )
})

test('a message of which no other copy is asked for is told at once', t => {
  const { inbox, told } = openTestInbox(t)
  inbox.miss(arrival({}), { isLast: true })
  assert.equal(told().length, 1)
})

test('a message of which no copy came that can be read is told after a while, by the next process too', async t => {
  const { inbox, told, record } = openTestInbox(t, { patience: 20 })
  inbox.miss(arrival({}))
  inbox.close() // its process is killed
  assert.deepEqual(told(), [])
  const { promise, resolve } = Promise.withResolvers()
  openInbox(record, () => ({ keep: resolve, deliver() {} }), { patience: 20 })
  assert.equal(/** @type {any} */ (await promise).id, 'ID')
})

test('a copy that can be read ends the wait, and is told also after the message was told as unreadable', t => {
  const { inbox, told, database } = openTestInbox(t)
  inbox.miss(arrival({}))
  inbox.record([arrival({ chat: [LID, BO], sender: [LID, BO] })])
  inbox.miss(arrival({ id: 'OTHER' }), { isLast: true })
  inbox.record([arrival({ id: 'OTHER' })])
  assert.deepEqual(
    told().map(({ id }) => id),
    ['ID', 'OTHER', 'OTHER']
  )
  assert.deepEqual(database.prepare('SELECT * FROM unreadable').all(), [])
})

test('what was opened and nobody reads is known again by its bytes, and is not told as unreadable', t => {
  const { inbox, told } = openTestInbox(t)
  const ciphertext = Buffer.from('sealed')
  inbox.miss(arrival({}))
  inbox.record([{ ...arrival({}), message: null, ciphertext }])
  assert.equal(inbox.hasOpened(Buffer.from('sealed')), true)
  assert.equal(inbox.hasOpened(Buffer.from('sealed otherwise')), false)
  assert.equal(inbox.has(arrival({})), false)
  for (let copy = 1; copy <= 5; copy++) inbox.miss(arrival({}))
  assert.deepEqual(told(), [])
})

/** @param {{id?: string, chat?: string[], sender?: string[]}} what */
function arrival({ id = 'ID', chat = [BO], sender = chat }) {
  const message = { ...read({ conversation: 'Hi' }), id }
  return /** @type {import('../../../connector/messages/dedup.js').Arrival & {message: any}} */ ({
    id,
    names: { chat, sender },
    message
  })
}

/** @param {import('node:test').TestContext} t @param {{patience?: number}} [options] */
function openTestInbox(t, options) {
  const folder = mkdtempSync(join(tmpdir(), 'motte-inbox-'))
  const record = openRecord(folder)
  t.after(() => {
    record.close()
    rmSync(folder, { recursive: true })
  })
  /** @type {any[]} */
  const told = []
  const inbox = openInbox(record, () => ({ keep: event => void told.push(event), deliver() {} }), options)
  t.after(() => inbox.close())
  return { record, database: record.database, inbox, told: () => told }
}
