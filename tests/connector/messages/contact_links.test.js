// @ts-check
/** Callers hear of the number of a LID, and of the LID of a number, once they know one without the other. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withMessages } from '../../../connector/messages/key_store.js'
import { Pairs } from '../../../connector/messages/lid_pairs.js'
import { openCredentials } from '../../../connector/storage/credentials.js'
import { BO, BO_LID, EVE, GROUP } from '../../support/connector/contents.js'
import { openTestDedup } from '../../support/connector/test_dedup.js'

const LINKED = { event: 'contact_linked', lid: BO_LID, number: '4915112345678' }

/** Rows of the mapping as Baileys writes them. */
const MAPPING = { 4915112345678: '909913313250243', '909913313250243_reverse': '4915112345678' }

/** @param {import('node:test').TestContext} t */
function open(t) {
  const parts = openTestDedup(t)
  const keys = withMessages(openCredentials(parts.database).state.keys, parts.dedup)
  return {
    ...parts,
    learn: (/** @type {object} */ mapping) => keys.set(/** @type {any} */ ({ 'lid-mapping': mapping })),
    linked: () => parts.reported().filter(({ event }) => event === 'contact_linked')
  }
}

for (const known of [[BO_LID], [BO]]) {
  test(`the other address of ${known[0]} is reported once it is learnt, and once only`, t => {
    const { dedup, copy, learn, linked } = open(t)
    dedup.store([copy({ chat: known, sender: known })])
    learn({ 4915187654321: '1', '1_reverse': '4915187654321' })
    assert.deepEqual(linked(), [])
    learn(MAPPING)
    learn(MAPPING)
    assert.deepEqual(linked(), [LINKED])
  })
}

test('a message that names both addresses tells the other one, before the message itself', t => {
  const { dedup, copy, reported } = open(t)
  dedup.store([copy({ id: 'A', chat: [GROUP], sender: [BO_LID] })])
  dedup.store([copy({ id: 'B', chat: [BO, BO_LID], sender: [BO, BO_LID] })])
  dedup.store([copy({ id: 'C', chat: [BO, BO_LID], sender: [BO, BO_LID] })])
  assert.deepEqual(
    reported().map(({ event, id }) => id ?? event),
    ['A', 'contact_linked', 'B', 'C']
  )
})

test('who was always known by both addresses is no news', t => {
  const { dedup, copy, learn, linked } = open(t)
  dedup.store([copy({ chat: [BO, BO_LID], sender: [BO, BO_LID] })])
  learn(MAPPING)
  assert.deepEqual(linked(), [])
})

test('a history tells the number of a LID that callers know', t => {
  const { dedup, copy, linked } = open(t)
  dedup.store([copy({ chat: [BO_LID], sender: [BO_LID] })])
  const pairs = new Pairs()
  pairs.add(Buffer.from('4915112345678'), 13, Buffer.from('909913313250243'), 15)
  pairs.add(Buffer.from('4915187654321'), 13, Buffer.from('77'), 2)
  dedup.store([{ id: 'HISTORY', aliases: { chat: [EVE], sender: [EVE] }, message: null, pairs }])
  assert.deepEqual(linked(), [LINKED])
})

test('what is learnt and what is said of it are one transaction', t => {
  const { dedup, copy, linked, database } = open(t)
  dedup.store([copy({ chat: [BO_LID], sender: [BO_LID] })])
  const fail = () => {
    throw new Error('disk full')
  }
  const failing = { get: () => ({}), set: fail }
  const keys = withMessages(/** @type {any} */ (failing), dedup)
  assert.throws(() => keys.set(/** @type {any} */ ({ 'lid-mapping': MAPPING })), /disk full/)
  assert.deepEqual(linked(), [])
  assert.equal(database.connection.prepare('SELECT count(*) AS count FROM unlinked').get()?.count, 1)
})

test('rows of the mapping that make no sense tell nothing', t => {
  const { dedup, copy, learn, linked } = open(t)
  dedup.store([copy({ chat: [BO_LID], sender: [BO_LID] })])
  learn({ '909913313250243_reverse': 'no number', x: null, y: 7 })
  assert.deepEqual(linked(), [])
})

test('ten thousand addresses are remembered', t => {
  const { dedup, copy, learn, linked } = open(t)
  const lids = Array.from({ length: 10_001 }, (_, n) => `${10_000_000 + n}`)
  dedup.store(lids.map((lid, n) => copy({ id: `ID ${n}`, chat: [`${lid}@lid`], sender: [`${lid}@lid`] })))
  for (const lid of [lids[0], lids[1]]) learn({ [`${lid}_reverse`]: '4915112345678' })
  assert.deepEqual(
    linked().map(({ lid }) => lid),
    [`${lids[1]}@lid`]
  )
})

test('a logout forgets them', t => {
  const { dedup, copy, database } = open(t)
  dedup.store([copy({ chat: [BO_LID], sender: [BO_LID], secret: { secret: Buffer.alloc(32), options: null } })])
  openCredentials(database).wipe()
  for (const table of ['unlinked', 'secrets'])
    assert.equal(database.connection.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count, 0, table)
})
