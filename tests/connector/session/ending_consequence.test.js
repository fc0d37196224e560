// @ts-check
/** Consequences of an ending, as a table of the reason and the past of the session. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { consequenceOf } from '../../../connector/session/ending_consequence.js'
import { ending } from '../../../connector/session/baileys_errors.js'

const UNPAIRED = { isPaired: false, wasPaired: false, firstOpenedAt: null, now: 1000 }
const JUST_PAIRED = { ...UNPAIRED, isPaired: true }
const PAIRED = { isPaired: true, wasPaired: true, firstOpenedAt: -Infinity, now: 1000 }

/** @type {[what: string, past: typeof PAIRED | typeof UNPAIRED, code: import('../../../connector/session/baileys_errors.js').ReasonCode, action: string, shown?: string][]} */
const TABLE = [
  ['an unpaired session after its last code', UNPAIRED, 'qrs-exhausted', 'sleep'],
  ['an unpaired session that loses its connection', UNPAIRED, 'connection-lost', 'close'],
  ['a session that has just paired', JUST_PAIRED, 'logged-out', 'restart'],
  ['a paired session that loses its connection', PAIRED, 'connection-lost', 'reconnect'],
  ['a paired session that needs a person', PAIRED, 'connection-replaced', 'close'],
  ['a paired session that the phone unlinks', PAIRED, 'logged-out', 'log_out'],
  [
    'a session that is refused at its first login',
    { ...PAIRED, firstOpenedAt: null },
    'logged-out',
    'log_out',
    'removed-at-once'
  ]
]

for (const [what, past, code, action, shown = code] of TABLE) {
  test(`${what}: ${code} leads to ${action}`, () => {
    const consequence = consequenceOf(ending(code), past)
    assert.deepEqual([consequence.action, consequence.ending.code], [action, shown])
  })
}

test('only an unpaired session whose keys WhatsApp refuses wipes them', () => {
  assert.equal(consequenceOf(ending('whatsapp-refused'), UNPAIRED).wipesKeys, true)
  assert.equal(consequenceOf(ending('connection-lost'), UNPAIRED).wipesKeys, false)
  assert.equal(consequenceOf(ending('bad-session'), PAIRED).wipesKeys, undefined)
})
