// @ts-check
/** The credentials of a connector. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { accountOf, openCredentials } from '../../../connector/storage/credentials.js'
import { DatabaseCorrupted } from '../../../connector/process/exit_codes.js'
import { makeFolder, withDatabase } from '../../support/connector/databases.js'

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
