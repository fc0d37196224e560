// @ts-check
/** Times at which a code can be scanned. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULTS } from '../../../connector/sandbox/server/settings.js'
import { Refs } from '../../../connector/sandbox/protocol/refs.js'

const SCHEDULE = { count: DEFAULTS.refs, lifetimes: DEFAULTS.qrLifetimes }
/** The moment, in milliseconds, at which the refs of these tests are sent. */
const SENT = 1_000_000

test('the first code is shown for 60 seconds, the others for 20 each', () => {
  const refs = new Refs(SCHEDULE, SENT)
  assert.deepEqual(
    refs.spans.map(({ start, end }) => (end - start) / 1000),
    [60, 20, 20, 20, 20, 20]
  )
})

test('every ref is different', () => {
  assert.equal(new Set(new Refs(SCHEDULE, SENT).texts).size, 6)
})

test('at each moment one code is shown', () => {
  const refs = new Refs(SCHEDULE, SENT)
  for (const [seconds, index] of [
    [1, 0],
    [59, 0],
    [61, 1],
    [79, 1],
    [81, 2],
    [159, 5]
  ])
    assert.deepEqual(shown(refs, seconds), [index], `after ${seconds} s`)
})

test('no code is shown after the last one', () => {
  assert.deepEqual(shown(new Refs(SCHEDULE, SENT), 161), [])
})

test('a code is valid for half a second after its time', () => {
  const refs = new Refs(SCHEDULE, SENT)
  assert.deepEqual(shown(refs, 60.49), [0, 1])
  assert.deepEqual(shown(refs, 60.51), [1])
})

test('a busy client may begin to show its codes at any time between their sending and its confirmation', () => {
  const refs = new Refs(SCHEDULE, SENT)
  refs.confirm(SENT + 1500)
  assert.deepEqual(shown(refs, 59.9), [0])
  assert.deepEqual(shown(refs, 60.1), [0, 1])
  assert.deepEqual(shown(refs, 61.9), [0, 1])
  assert.deepEqual(shown(refs, 62.1), [1])
})

test('the codes of a client that confirms much too late are dead', () => {
  const refs = new Refs(SCHEDULE, SENT)
  refs.confirm(SENT + 30_000)
  assert.deepEqual(shown(refs, 63), [1])
})

test('a refusal says how many milliseconds a code is too early or too late', () => {
  const refs = new Refs(SCHEDULE, SENT)
  const [first = '', second = ''] = refs.texts
  assert.equal(refs.whyNotShown(second, SENT + 59_000), 'its turn comes in 1000 ms')
  assert.equal(refs.whyNotShown(first, SENT + 60_700), 'its turn ended 700 ms ago')
})

/**
 * @param {Refs} refs
 * @param {number} seconds after they were sent
 */
function shown(refs, seconds) {
  return refs.texts.flatMap((text, index) => (refs.whyNotShown(text, SENT + 1000 * seconds) === null ? [index] : []))
}
