// @ts-check
/** The database of a connector, its spool and its credentials. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { accountOf, openCredentials } from '../../../connector/storage/credentials.js'
import { FolderBusy, DatabaseCorrupted, DatabaseTooNew } from '../../../connector/process/exit_codes.js'
import { openConnectorDatabase } from '../../../connector/storage/database.js'
import { openSent } from '../../../connector/outbound/sent.js'
import { openMessageSecrets } from '../../../connector/messages/message_secrets.js'
import { openSpool } from '../../../connector/storage/spool.js'

process.umask(0o077)

/** @param {import('node:test').TestContext} t */
function makeFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), 'motte-database-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

/**
 * The result of `use` with the database, which is opened before and closed after it.
 * @template T
 * @param {string} folder
 * @param {(database: import('../../../connector/storage/database.js').ConnectorDatabase) => T} use
 */
function withDatabase(folder, use) {
  const database = openConnectorDatabase(folder)
  try {
    return use(database)
  } finally {
    database.close()
  }
}

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

test('seq grows for the life of the folder, also after acknowledgements', t => {
  const folder = makeFolder(t)
  withDatabase(folder, database => {
    const spool = openSpool(database)
    spool.append({ event: 'paired' })
    spool.append({ event: 'opened' })
    spool.forget(2)
  })
  withDatabase(folder, database => {
    const spool = openSpool(database)
    spool.append({ event: 'closed' })
    assert.deepEqual(spool.after(2, 10), [{ seq: 3, event: { event: 'closed' } }])
  })
})

test('a spool of as many bytes as the limit takes no more, and takes more again below the half', t => {
  withDatabase(makeFolder(t), database => {
    const event = { event: 'opened' }
    const bytes = JSON.stringify(event).length
    const spool = openSpool(database, { maxBytes: 4 * bytes })
    for (let n = 0; n < 3; n += 1) spool.append(event)
    assert.equal(spool.isFull(), false)
    spool.append(event)
    assert.equal(spool.isFull(), true)
    spool.forget(2)
    assert.equal(spool.hasRoom(), false)
    spool.forget(3)
    assert.equal(spool.hasRoom(), true)
  })
})

test('10,000 events wait for a front that understands them; one more, and the oldest is gone', t => {
  withDatabase(makeFolder(t), database => {
    const spool = openSpool(database)
    const withhold = (/** @type {object} */ event) => {
      spool.append(event)
      spool.withhold(spool.after(0, 1))
    }
    database.transaction(() => {
      for (let n = 0; n < 10_000; n++) withhold({ event: 'contact_linked', n })
    })
    spool.release(['call_came'])
    assert.deepEqual(spool.after(0, 1), [])
    withhold({ event: 'call_came', n: 10_000 })
    spool.release(['contact_linked', 'call_came'])
    const kept = spool.after(0, 20_000)
    assert.deepEqual(
      kept.map(({ event }) => event.n),
      Array.from({ length: 10_000 }, (_, n) => n + 1)
    )
    assert.ok(kept.every(({ seq }) => seq > 10_001))
  })
})

test('an acknowledged event is not sent again, and the next event removes it from the disk', t => {
  withDatabase(makeFolder(t), database => {
    const spool = openSpool(database)
    const kept = () =>
      database.connection
        .prepare('SELECT seq FROM spool')
        .all()
        .map(({ seq }) => seq)
    spool.append({ event: 'paired' })
    spool.append({ event: 'opened' })
    spool.forget(1)
    assert.deepEqual(spool.after(0, 10), [{ seq: 2, event: { event: 'opened' } }])
    assert.deepEqual(kept(), [1, 2])
    spool.append({ event: 'closed' })
    assert.deepEqual(kept(), [2, 3])
  })
})

test('an acknowledged event is removed from the disk soon, also without a next event', async t => {
  const folder = makeFolder(t)
  const database = openConnectorDatabase(folder)
  t.after(() => database.close())
  const spool = openSpool(database)
  spool.append({ event: 'paired' })
  spool.forget(1)
  const count = () => database.connection.prepare('SELECT count(*) AS count FROM spool').get()?.count
  const deadline = AbortSignal.timeout(5_000)
  while (count() !== 0) {
    deadline.throwIfAborted()
    await new Promise(resolve => setTimeout(resolve, 10))
  }
})

test('credentials are loaded as they were saved', t => {
  const folder = makeFolder(t)
  const first = withDatabase(folder, database => openCredentials(database).state.creds)
  const second = withDatabase(folder, database => openCredentials(database).state.creds)
  assert.deepEqual(second.noiseKey, first.noiseKey)
  assert.equal(second.advSecretKey, first.advSecretKey)
})

test('unreadable credentials end the process and are never replaced by new ones', t => {
  const folder = makeFolder(t)
  withDatabase(folder, database => openCredentials(database))
  withDatabase(folder, ({ connection }) => connection.exec(`UPDATE credentials SET value = '{"noiseKey":'`))
  assert.throws(() => withDatabase(folder, openCredentials), DatabaseCorrupted)
})

test('the account of an abandoned pairing code is forgotten at the next start', t => {
  const folder = makeFolder(t)
  withDatabase(folder, database => {
    const credentials = openCredentials(database)
    Object.assign(credentials.state.creds, {
      me: { id: '15551234567@s.whatsapp.net', name: '~' },
      pairingCode: 'ABCD1234'
    })
    credentials.save()
  })
  withDatabase(folder, database => {
    const { state, isPaired } = openCredentials(database)
    assert.equal(state.creds.me, undefined)
    assert.equal(isPaired(), false)
  })
})

test('credentials with an account are paired, also after the next start', t => {
  const folder = makeFolder(t)
  withDatabase(folder, database => {
    const credentials = openCredentials(database)
    Object.assign(credentials.state.creds, {
      me: { id: '15551234567:3@s.whatsapp.net', name: 'Ann' },
      account: { details: Buffer.from('x') }
    })
    credentials.save()
  })
  withDatabase(folder, database => {
    const credentials = openCredentials(database)
    assert.equal(credentials.isPaired(), true)
    assert.deepEqual(credentials.account(), { phoneNumber: '15551234567', pushName: 'Ann' })
  })
})

test('the placeholder name is not reported', () => {
  assert.deepEqual(accountOf({ me: { id: '15551234567@s.whatsapp.net', name: '~' } }), {
    phoneNumber: '15551234567',
    pushName: null
  })
})

test('keys of all kinds are stored, replaced and removed', t => {
  withDatabase(makeFolder(t), database => {
    const { keys } = openCredentials(database).state
    const pair = { public: Buffer.from('public'), private: Buffer.from('private') }
    keys.set({ 'pre-key': { 1: pair, 2: pair }, session: { 'a.0': Buffer.from('old') } })
    keys.set({ 'pre-key': { 2: null }, session: { 'a.0': Buffer.from('new') } })
    assert.deepEqual(keys.get('pre-key', ['1', '2', '3']), { 1: pair })
    assert.deepEqual(keys.get('session', ['a.0']), { 'a.0': Buffer.from('new') })
  })
})

test('wiped credentials stay wiped, and no byte of them is left in the files', t => {
  const folder = makeFolder(t)
  withDatabase(folder, database => {
    const credentials = openCredentials(database)
    credentials.state.keys.set({ session: { 'a.0': Buffer.from('SECRETSECRETSECRET') } })
    credentials.wipe()
    credentials.save()
    credentials.state.keys.set({ session: { 'a.0': Buffer.from('SECRETSECRETSECRET') } })
  })
  const database = new DatabaseSync(join(folder, 'connector.db'))
  assert.deepEqual(database.prepare('SELECT * FROM credentials').all(), [])
  database.close()
})
