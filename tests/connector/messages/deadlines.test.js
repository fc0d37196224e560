/** The deadline of a message, to the millisecond. */

import assert from 'node:assert/strict'
import test from 'node:test'
import { createDeadlines } from '../../../connector/messages/deadlines.js'
import { HANDLER_TIMEOUT_SECONDS } from '../../../connector/messages/order.js'

test('a message has 20 seconds, and no more', async () => {
  let now = 5
  const deadlines = createDeadlines(() => now)
  const { done } = deadlines.begin(HANDLER_TIMEOUT_SECONDS.message, async () => {
    now = 5 + 19_999
    assert.equal(deadlines.isOver(), false)
    now = 5 + 20_000
    assert.equal(deadlines.isOver(), true)
  })
  await done
})
