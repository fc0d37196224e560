// @ts-check
/** The watchdog, on turned timers. */

import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { createWatchdog } from '../../../connector/session/watchdog.js'

test('a watchdog reports only what it expects last, when that is late', () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  /** @type {string[]} */
  const barks = []
  const watchdog = createWatchdog((/** @type {string} */ missed) => barks.push(missed))
  watchdog.expect('code', 10)
  mock.timers.tick(9_999)
  watchdog.expect('login', 30)
  mock.timers.tick(29_999)
  assert.deepEqual(barks, [])
  mock.timers.tick(1)
  assert.deepEqual(barks, ['login'])
  watchdog.expect('nothing', 1)
  watchdog.stop()
  mock.timers.tick(60_000)
  assert.deepEqual(barks, ['login'])
  mock.timers.reset()
})
