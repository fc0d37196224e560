// @ts-check
/** The database of a connector: its file, its owner, its schema. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { copyFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { openCredentials } from '../../../connector/storage/credentials.js'
import { FolderBusy, DatabaseTooNew } from '../../../connector/process/exit_codes.js'
import { openConnectorDatabase } from '../../../connector/storage/database.js'
import { openSent } from '../../../connector/outbound/sent.js'
import { openMessageSecrets } from '../../../connector/messages/message_secrets.js'
import { openSpool } from '../../../connector/storage/spool.js'
import { makeFolder, withDatabase } from '../../support/connector/databases.js'

test('every start has its own epoch', t => {
  const folder = makeFolder(t)
  const epochs = [1, 2, 3].map(() => withDatabase(folder, ({ epoch }) => epoch))
  assert.deepEqual(epochs, [1, 2, 3])
})

test('a folder has one connector at a time', t => {
  const folder = makeFolder(t)
  withDatabase(folder, () => assert.throws(() => openConnectorDatabase(folder), FolderBusy))
  withDatabase(folder, ({ epoch }) => assert.equal(epoch, 2))
})

/**
 * Files of a connector that was killed while it made its first tables.
 * @param {string} folder
 */
function leaveHalfMade(folder) {
  const path = join(folder, 'elsewhere.db')
  const database = new DatabaseSync(path)
  database.exec('CREATE TABLE some (value); DROP TABLE some; PRAGMA cache_size = 1; BEGIN; CREATE TABLE some (value)')
  for (let row = 0; row < 100; row += 1) database.exec('INSERT INTO some VALUES (randomblob(4000))')
  for (const suffix of ['', '-journal']) copyFileSync(path + suffix, join(folder, `connector.db${suffix}`))
  database.close()
}

test('a database whose process was killed while it made the file is made again', t => {
  const folder = makeFolder(t)
  leaveHalfMade(folder)
  withDatabase(folder, ({ epoch }) => assert.equal(epoch, 1))
})

test('only the owner can read the files', t => {
  const folder = makeFolder(t)
  withDatabase(folder, () => {
    for (const name of readdirSync(folder)) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name)
  })
})

test('the database of a newer program is refused', t => {
  const folder = makeFolder(t)
  withDatabase(folder, ({ connection }) => connection.exec('PRAGMA user_version = 99'))
  assert.throws(() => openConnectorDatabase(folder), DatabaseTooNew)
})

test('a database of the first schema is migrated and keeps its rows', t => {
  const folder = makeFolder(t)
  withDatabase(folder, database => {
    openSpool(database).append({ event: 'paired' })
    openCredentials(database).state.keys.set({ session: { 'a.0': Buffer.from('kept') } })
    for (const table of ['received', 'opened', 'unreadable', 'secrets', 'sent', 'unlinked', 'withheld'])
      database.connection.exec(`DROP TABLE ${table}`)
    database.connection.exec('PRAGMA user_version = 1')
  })
  withDatabase(folder, database => {
    assert.equal(database.epoch, 2)
    assert.deepEqual(openSpool(database).after(0, 10), [{ seq: 1, event: { event: 'paired' } }])
    assert.deepEqual(openCredentials(database).state.keys.get('session', ['a.0']), { 'a.0': Buffer.from('kept') })
    assert.equal(database.connection.prepare('SELECT count(*) AS count FROM received').get()?.count, 0)
  })
})

test('a database of the schema without messages that were sent is migrated, and takes them', t => {
  const folder = makeFolder(t)
  withDatabase(folder, database => {
    openSpool(database).append({ event: 'paired' })
    database.connection.exec(`DROP TABLE sent; DROP TABLE unlinked; DROP TABLE withheld;
      ALTER TABLE secrets DROP COLUMN at; PRAGMA user_version = 4`)
  })
  withDatabase(folder, database => {
    assert.deepEqual(openSpool(database).after(0, 10), [{ seq: 1, event: { event: 'paired' } }])
    const sent = openSent(database)
    sent.prepare({ id: 'A', chat: '1@lid', message: Buffer.from('kept'), at: 1 })
    assert.equal(sent.find('A')?.attempts, 1)
  })
})

test('a database of the schema that erased nothing keeps its texts, and erases them when their time has come', t => {
  const folder = makeFolder(t)
  const poll = { id: 'P', chat: '1@lid', chatAlt: '1@lid', sender: '1@lid', senderAlt: '1@lid' }
  withDatabase(folder, database => {
    openSent(database).prepare({ id: 'A', chat: '1@lid', message: Buffer.from('kept'), at: 1 })
    openMessageSecrets(database.connection).keep(poll, { secret: Buffer.alloc(32), options: ['Yes'] })
    database.connection.exec(`DROP TABLE withheld; DROP INDEX sent_by_age;
      ALTER TABLE secrets DROP COLUMN at; PRAGMA user_version = 6`)
  })
  withDatabase(folder, database => {
    const secrets = openMessageSecrets(database.connection)
    const answers = () => secrets.find(poll)[0]?.options
    assert.ok(openSent(database).protobuf('A'))
    secrets.erase(Date.now() - 60_000)
    assert.deepEqual(answers(), ['Yes'])
    secrets.erase(Date.now() + 60_000)
    assert.deepEqual(answers(), [])
  })
})

test('a transaction that fails leaves nothing behind', t => {
  withDatabase(makeFolder(t), database => {
    const spool = openSpool(database)
    const fail = () => {
      spool.append({ event: 'opened' })
      throw new Error('power cut')
    }
    assert.throws(() => database.transaction(fail), /power cut/)
    assert.deepEqual(spool.after(0, 10), [])
  })
})
