// @ts-check
/** When a process that has grown too large makes room for a fresh one. */

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

test('a process within its limit goes on for ever', t => {
  const process = watched(t)
  pass(3600)
  assert.equal(process.recycled, 0)
})

test('a process above its limit makes room at the next look, once', t => {
  const process = watched(t, { memory: LIMIT + 1 })
  pass(29)
  assert.equal(process.recycled, 0)
  pass(1)
  assert.equal(process.recycled, 1)
  pass(3600)
  assert.equal(process.recycled, 1)
})

test('a process above its limit waits for a quiet moment, and takes the first', t => {
  const process = watched(t, { memory: LIMIT + 1, isIdle: false })
  pass(300)
  assert.equal(process.recycled, 0)
  process.isIdle = true
  pass(1)
  assert.equal(process.recycled, 1)
})

test('a process without a quiet moment waits ten minutes and no longer', t => {
  const process = watched(t, { memory: LIMIT + 1, isIdle: false })
  pass(30 + 599)
  assert.equal(process.recycled, 0)
  pass(1)
  assert.equal(process.recycled, 1)
})

test('a process that shrinks meanwhile stays, and has its ten minutes again', t => {
  const process = watched(t, { memory: LIMIT + 1, isIdle: false })
  pass(600)
  process.memory = LIMIT
  pass(60)
  process.memory = LIMIT + 1
  pass(599)
  assert.equal(process.recycled, 0)
})
