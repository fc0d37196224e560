// @ts-check
/** Keys that are saved with the next frame. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deferKeys, untilNextFrame } from '../../../connector/storage/deferred_keys.js'

/** A store over a table in memory that notes each write. */
function open() {
  /** @type {Record<string, Record<string, any>>} */
  const table = {}
  /** @type {any[]} */
  const writes = []
  const set = (/** @type {any} */ changes) => {
    writes.push(changes)
    for (const [kind, values] of Object.entries(changes)) table[kind] = { ...table[kind], ...values }
  }
  const keys = deferKeys({
    get: (kind, ids) => Object.fromEntries(ids.flatMap(id => (table[kind]?.[id] ? [[id, table[kind][id]]] : []))),
    set,
    setSoon: set
  })
  /** @param {any} changes */
  const seal = changes => untilNextFrame(() => keys.set(changes))
  /** @param {string} id */
  const session = id => /** @type {any} */ (keys.get('session', [id]))[id]
  return { table, writes, keys, seal, session }
}

test('sessions that seal are written together, before the next frame, and read before that', () => {
  const { writes, keys, seal, session } = open()
  seal({ session: { a: 1 } })
  seal({ session: { b: 1 }, 'sender-key': { g: 1 } })
  seal({ session: { a: 2 } })
  assert.deepEqual(writes, [])
  assert.deepEqual(keys.get('session', ['a', 'b', 'c']), { a: 2, b: 1 })
  keys.flush()
  assert.deepEqual(writes, [{ session: { a: 2, b: 1 }, 'sender-key': { g: 1 } }])
  keys.flush()
  assert.equal(writes.length, 1)
  assert.equal(session('a'), 2)
})

test('what is not sealed is written at once, and so are other kinds of keys', () => {
  const { writes, keys, seal } = open()
  keys.set(/** @type {any} */ ({ session: { a: 1 } }))
  seal({ 'pre-key': { 1: 1 }, session: { b: 1 } })
  assert.deepEqual(writes, [{ session: { a: 1 } }, { 'pre-key': { 1: 1 } }])
})

test('a session that opened a message, or was deleted, is not taken back by what waited', () => {
  const { writes, keys, seal, session } = open()
  seal({ session: { a: 1, b: 1 } })
  keys.set(/** @type {any} */ ({ session: { a: 2, b: null } }))
  keys.flush()
  assert.deepEqual(writes, [{ session: { a: 2, b: null } }])
  assert.equal(session('a'), 2)
  assert.equal(session('b'), undefined)
})

test('a session that waits to be deleted is not read', () => {
  const { keys, seal, session } = open()
  keys.set(/** @type {any} */ ({ session: { a: 1 } }))
  seal({ session: { a: null } })
  assert.equal(session('a'), undefined)
})

test('keys of an account that is gone are not written', () => {
  const { writes, keys, seal } = open()
  seal({ session: { a: 1 } })
  keys.forget()
  keys.flush()
  assert.deepEqual(writes, [])
})
