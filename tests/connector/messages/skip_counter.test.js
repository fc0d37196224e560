// @ts-check
/** Counter of skipped messages: after some skips a message causes no new socket. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSkipCounter } from '../../../connector/messages/skipped.js'

/** @param {string} id */
const stanza = id => ({ tag: 'message', attrs: { id, from: '4915112345678@s.whatsapp.net' } })

test('the third skip of a message opens no socket, and another process counts from zero', () => {
  const counter = createSkipCounter()
  const worth = [1, 2, 3, 4].map(() => counter.add(stanza('one')).isWorthReopening)
  assert.deepEqual(worth, [true, true, false, false])
  assert.deepEqual(counter.add(stanza('two')), { times: 1, isWorthReopening: true })
  assert.deepEqual(createSkipCounter().add(stanza('one')), { times: 1, isWorthReopening: true })
})

test('of many skipped messages those that were skipped last are counted', () => {
  const counter = createSkipCounter()
  for (let n = 0; n <= 1_000; n++) counter.add(stanza(`ID ${n}`))
  assert.deepEqual(
    ['ID 1000', 'ID 0'].map(id => counter.add(stanza(id)).times),
    [2, 1]
  )
})
