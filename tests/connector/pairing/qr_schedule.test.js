// @ts-check
/** The schedule of a socket's QR codes, on a clock that the test turns. */

import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { createQrSchedule } from '../../../connector/pairing/qr_schedule.js'

/** @param {import('node:test').TestContext} t @param {{lifetime?: number}} [options] */
function start(t, options = {}) {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.after(() => mock.timers.reset())
  let now = 100
  let secret = 'old'
  /** @type {import('../../../connector/ipc/events.js').Qr[]} */
  const shown = []
  const ends = { count: 0 }
  const codes = createQrSchedule({
    ...options,
    textOf: ref => `${ref} ${secret}`,
    shown: qr => shown.push(qr),
    usedUp: () => (ends.count += 1),
    now: () => now
  })
  /** @param {number} seconds */
  const pass = seconds => {
    for (let second = 0; second < seconds; second++) {
      now += 1
      mock.timers.tick(1000)
    }
  }
  return { codes, shown, ends, pass, retire: () => (secret = 'new') }
}

test('the first code of a socket is shown for 60 s, every other one for 20', t => {
  const { codes, shown, pass } = start(t)
  codes.take(['a', 'b', 'c'])
  pass(80)
  assert.deepEqual(shown, [
    { ordinal: 1, payload: 'a old', issuedAt: 100, lifetime: 60 },
    { ordinal: 2, payload: 'b old', issuedAt: 160, lifetime: 20 },
    { ordinal: 3, payload: 'c old', issuedAt: 180, lifetime: 20 }
  ])
})

test('the end of the last code is reported', t => {
  const { codes, ends, pass } = start(t)
  codes.take(['a', 'b'])
  pass(79)
  assert.equal(ends.count, 0)
  pass(1)
  assert.equal(ends.count, 1)
})

test('a lifetime in the settings counts for every code', t => {
  const { codes, shown, pass } = start(t, { lifetime: 7 })
  codes.take(['a', 'b'])
  pass(7)
  assert.deepEqual(
    shown.map(({ lifetime }) => lifetime),
    [7, 7]
  )
})

test('a code whose text has changed is shown again, for the rest of its time', t => {
  const { codes, shown, pass, retire } = start(t)
  codes.take(['a', 'b'])
  pass(25)
  retire()
  codes.renew()
  assert.deepEqual(shown.at(-1), { ordinal: 1, payload: 'a new', issuedAt: 100, lifetime: 60 })
  pass(35)
  assert.deepEqual(shown.at(-1), { ordinal: 2, payload: 'b new', issuedAt: 160, lifetime: 20 })
})

test('a code whose text is the same is not shown again', t => {
  const { codes, shown } = start(t)
  codes.take(['a'])
  codes.renew()
  assert.equal(shown.length, 1)
})

test('nothing is shown again before the first code and after the last one', t => {
  const { codes, shown, pass, retire } = start(t)
  codes.renew()
  codes.take(['a'])
  pass(60)
  retire()
  codes.renew()
  assert.equal(shown.length, 1)
})

test('a second set of refs replaces the first, and is shown as long as the first would have been', t => {
  const { codes, shown, ends, pass } = start(t)
  codes.take(['a', 'b'])
  pass(10)
  codes.take(['c', 'd'])
  pass(79)
  assert.deepEqual(
    shown.map(({ ordinal, payload, lifetime }) => [ordinal, payload, lifetime]),
    [
      [1, 'a old', 60],
      [2, 'c old', 60],
      [3, 'd old', 20]
    ]
  )
  assert.equal(ends.count, 0)
  pass(1)
  assert.equal(ends.count, 1)
})

test('a stopped schedule shows no code and reports no end', t => {
  const { codes, shown, ends, pass, retire } = start(t)
  codes.take(['a', 'b'])
  codes.stop()
  retire()
  codes.renew()
  pass(200)
  assert.deepEqual([shown.length, ends.count], [1, 0])
})
