// @ts-check
/** Delays before a paired connector connects again. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBackoff } from '../../../connector/session/backoff.js'

test('the delay doubles from one second to five minutes', () => {
  const backoff = createBackoff({ random: () => 0.5 })
  assert.deepEqual(
    Array.from({ length: 11 }, () => backoff.next(0)),
    [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
  )
})

test('delays vary at random by a tenth', () => {
  assert.equal(createBackoff({ random: () => 0 }).next(0), 0.9)
  assert.equal(createBackoff({ random: () => 1 }).next(0), 1.1)
})

test('the delays start again after a connection that was open for long, and only then', () => {
  const backoff = createBackoff({ random: () => 0.5 })
  assert.deepEqual([backoff.next(0), backoff.next(5), backoff.next(31), backoff.next(-Infinity)], [1, 2, 1, 2])
})
