// @ts-check
/** The memory limit: when a process that has grown too large is recycled. */

import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { createLog } from '../../../connector/process/logger.js'
import { watchMemory } from '../../../connector/process/memory_limit.js'

const LIMIT = 100

/** A process of this size, watched on timers that the test turns. @param {import('node:test').TestContext} t */
function watched(t, { memory = LIMIT, isIdle = true } = {}) {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.after(() => mock.timers.reset())
  const process = { memory, isIdle, recycled: 0 }
  const session = { isIdle: () => process.isIdle, recycle: () => void (process.recycled += 1) }
  watchMemory(
    LIMIT,
    session,
    createLog({}, () => {}),
    () => process.memory
  )
  return process
}

/** @param {number} seconds */
const pass = seconds => {
  for (let second = 0; second < seconds; second += 1) mock.timers.tick(1000)
}

test('a process below its limit is never recycled', t => {
  const process = watched(t)
  pass(3600)
  assert.equal(process.recycled, 0)
})

test('a process above its limit is recycled once, at the next check', t => {
  const process = watched(t, { memory: LIMIT + 1 })
  pass(29)
  assert.equal(process.recycled, 0)
  pass(1)
  assert.equal(process.recycled, 1)
  pass(3600)
  assert.equal(process.recycled, 1)
})

test('a process above its limit is recycled as soon as it is idle', t => {
  const process = watched(t, { memory: LIMIT + 1, isIdle: false })
  pass(300)
  assert.equal(process.recycled, 0)
  process.isIdle = true
  pass(1)
  assert.equal(process.recycled, 1)
})

test('a process that is never idle is recycled after ten minutes', t => {
  const process = watched(t, { memory: LIMIT + 1, isIdle: false })
  pass(30 + 599)
  assert.equal(process.recycled, 0)
  pass(1)
  assert.equal(process.recycled, 1)
})

test('a process that shrinks below its limit stays, and its ten minutes begin again', t => {
  const process = watched(t, { memory: LIMIT + 1, isIdle: false })
  pass(600)
  process.memory = LIMIT
  pass(60)
  process.memory = LIMIT + 1
  pass(599)
  assert.equal(process.recycled, 0)
})
