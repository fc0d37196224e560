// @ts-check
/** Deduplication: each message is reported once, however often and in whatever form WhatsApp delivers it. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { openDedup } from '../../../connector/messages/dedup.js'
import { openUnreadable } from '../../../connector/messages/undecryptable.js'
import { openConnectorDatabase } from '../../../connector/storage/database.js'
import { messageCopy as copyOf, openTestDedup } from '../../support/connector/test_dedup.js'

const BO = '4915112345678@s.whatsapp.net'
const GROUP = '120363041234567890@g.us'
const LID = '909913313250243@lid'

test('the last ten thousand messages are recognized, older ones are not', t => {
  const { dedup, reported } = openTestDedup(t)
  dedup.store(Array.from({ length: 10_001 }, (_, n) => messageCopy({ id: `ID ${n}` })))
  const known = [0, 1].map(n => dedup.has(messageCopy({ id: `ID ${n}` })))
  assert.deepEqual([reported().length, known], [10_001, [false, true]])
  dedup.store([messageCopy({ id: 'ID 1' })])
  assert.equal(reported().length, 10_001)
})

test('the same id from two members of a group means two messages, and in a chat of two it means one', t => {
  const { dedup, reported } = openTestDedup(t)
  for (const sender of [[BO], [LID], [BO]]) dedup.store([messageCopy({ chat: [GROUP], sender })])
  for (const chat of [[BO], [BO], [BO, LID], [LID, BO]]) dedup.store([messageCopy({ chat, sender: chat })])
  assert.equal(reported().length, 3)
})

test('a stored message is recognized by its other address after that is known', t => {
  const { dedup } = openTestDedup(t)
  dedup.store([messageCopy({ chat: [GROUP], sender: [LID] })])
  assert.equal(dedup.has(messageCopy({ chat: [GROUP], sender: [BO] })), false)
  assert.equal(dedup.has(messageCopy({ chat: [GROUP], sender: [BO, LID] })), true)
})

test('a message of the older schema is recognized with any sender', t => {
  const { database, dedup } = openTestDedup(t)
  database.connection.exec(`INSERT INTO received (id, chat) VALUES ('ID', '${GROUP}'), ('ID', '${BO}')`)
  assert.equal(dedup.has(messageCopy({ chat: [GROUP], sender: [LID] })), true)
  assert.equal(dedup.has(messageCopy({ chat: [LID, BO], sender: [LID, BO] })), true)
  assert.equal(dedup.has(messageCopy({ chat: [LID], sender: [LID] })), false)
})

test('messages of the older schema are recognized after the migration', t => {
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

test('a message without a readable copy is reported once, after six copies', t => {
  const { dedup, reported } = openTestDedup(t)
  for (let copy = 1; copy <= 5; copy++) dedup.addUnreadable(messageCopy({}))
  assert.deepEqual(reported(), [])
  dedup.addUnreadable(messageCopy({}))
  dedup.addUnreadable(messageCopy({}))
  assert.deepEqual(
    reported().map(({ id }) => id),
    ['ID']
  )
})

test('a message is reported at once if no other copy is requested', t => {
  const { dedup, reported } = openTestDedup(t)
  dedup.addUnreadable(messageCopy({}), { isLast: true })
  assert.equal(reported().length, 1)
})

test('a message without a readable copy is reported after a time, also by the next process', async t => {
  const { dedup, reported, database } = openTestDedup(t, { timeoutMs: 20 })
  dedup.addUnreadable(messageCopy({}))
  dedup.close() // its process is killed
  assert.deepEqual(reported(), [])
  const { promise, resolve } = Promise.withResolvers()
  openDedup(database, () => ({ spool: resolve, deliver() {} }), { timeoutMs: 20 })
  assert.equal(/** @type {any} */ (await promise).id, 'ID')
})

test('a readable copy is waited for five minutes, and no longer if the clock is set back meanwhile', t => {
  const { database } = openTestDedup(t)
  const clock = { now: 1e12 }
  const unreadable = openUnreadable(database.connection, { now: () => clock.now })
  unreadable.add(messageCopy({}), false)
  clock.now += 299_999
  assert.deepEqual([unreadable.due(), unreadable.dueIn()], [[], 1])
  clock.now += 1
  assert.deepEqual(
    unreadable.due().map(({ id }) => id),
    ['ID']
  )
  unreadable.add(messageCopy({ id: 'OTHER' }), false)
  clock.now -= 86_400_000
  assert.equal(unreadable.dueIn(), 300_000)
  assert.deepEqual(
    unreadable.due().map(({ id }) => id),
    ['OTHER']
  )
})

test('a readable copy ends the wait, and is reported also after the message was reported as undecryptable', t => {
  const { dedup, reported, database } = openTestDedup(t)
  dedup.addUnreadable(messageCopy({}))
  dedup.store([messageCopy({ chat: [LID, BO], sender: [LID, BO] })])
  dedup.addUnreadable(messageCopy({ id: 'OTHER' }), { isLast: true })
  dedup.store([messageCopy({ id: 'OTHER' })])
  assert.deepEqual(
    reported().map(({ id }) => id),
    ['ID', 'OTHER', 'OTHER']
  )
  assert.deepEqual(database.connection.prepare('SELECT * FROM unreadable').all(), [])
})

test('a protocol message is recognized by its ciphertext, and is not reported as undecryptable', t => {
  const { dedup, reported } = openTestDedup(t)
  const ciphertext = Buffer.from('sealed')
  dedup.addUnreadable(messageCopy({}))
  dedup.store([{ ...messageCopy({}), message: null, ciphertext }])
  assert.equal(dedup.hasDecrypted(Buffer.from('sealed')), true)
  assert.equal(dedup.hasDecrypted(Buffer.from('sealed otherwise')), false)
  assert.equal(dedup.has(messageCopy({})), false)
  for (let copy = 1; copy <= 5; copy++) dedup.addUnreadable(messageCopy({}))
  assert.deepEqual(reported(), [])
})

/** @param {{id?: string, chat?: string[], sender?: string[]}} named */
const messageCopy = ({ chat = [BO], ...named }) => copyOf({ chat, ...named })
