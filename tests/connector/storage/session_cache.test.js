// @ts-check
/** The cache of Signal sessions, alone and in front of the credentials. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openCredentials } from '../../../connector/storage/credentials.js'
import { openConnectorDatabase } from '../../../connector/storage/database.js'
import { createSessionCache } from '../../../connector/storage/session_cache.js'

/** @param {import('node:test').TestContext} t */
function open(t) {
  const folder = mkdtempSync(join(tmpdir(), 'motte-session-cache-'))
  const database = openConnectorDatabase(folder)
  t.after(() => {
    database.close()
    rmSync(folder, { recursive: true })
  })
  const credentials = openCredentials(database)
  const { keys } = credentials.state
  /** @param {string} id @returns {any} */
  const read = id => /** @type {any} */ (keys.get('session', [id]))[id]
  /** @param {string} id @param {any} value */
  const write = (id, value) => keys.set(/** @type {any} */ ({ session: { [id]: value } }))
  const stored = () => database.connection.prepare("SELECT id FROM credentials WHERE kind = 'session'").all().length
  return { database, credentials, read, write, stored }
}

/** @param {number} used */
const session = used => ({ _sessions: { key: { indexInfo: { used } } }, version: 'v1' })

test('sessions that were not used for the longest time go first', () => {
  const cache = createSessionCache({ maxCharacters: 10 })
  for (const id of ['a', 'b']) cache.keep(id, id, 4)
  assert.equal(cache.get('a'), 'a')
  cache.keep('c', 'c', 4)
  assert.deepEqual(
    ['a', 'b', 'c'].map(id => cache.get(id)),
    ['a', undefined, 'c']
  )
  cache.keep('a', 'larger', 11)
  assert.equal(cache.get('a'), undefined)
})

test('what was written is read, and what was removed is not', t => {
  const { read, write } = open(t)
  write('a.0', session(1))
  assert.deepEqual(read('a.0'), session(1))
  write('a.0', session(2))
  assert.deepEqual(read('a.0'), session(2))
  write('a.0', null)
  assert.equal(read('a.0'), undefined)
})

test('a session that a failed transaction has written is not read', t => {
  const { database, read, write } = open(t)
  write('a.0', session(1))
  const fail = () =>
    database.transaction(() => {
      write('a.0', session(2))
      assert.deepEqual(read('a.0'), session(2))
      throw new Error('the disk is full')
    })
  assert.throws(fail, /full/)
  assert.deepEqual(read('a.0'), session(1))
})

test('sessions are forgotten with a restored folder, and with an account', t => {
  const { database, credentials, read, write, stored } = open(t)
  write('a.0', session(1))
  credentials.forgetSessions()
  assert.equal(read('a.0'), undefined)
  write('b.0', session(1))
  database.transaction(() => credentials.wipe())
  assert.equal(read('b.0'), undefined)
  assert.equal(stored(), 0)
})
