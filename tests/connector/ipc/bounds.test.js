// @ts-check
/** The texts of an event are cut to what a front takes. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boundedReason, cut, short } from '../../../connector/ipc/bounds.js'
import { closed, loggedOut, pairingCodeRefused, scanRefused, snapshotTaken } from '../../../connector/ipc/events.js'

const LONG = 'x'.repeat(1_200_000)

test('a name is cut, and no character is cut in half', () => {
  assert.equal(short(LONG.slice(0, 200)), LONG.slice(0, 200))
  assert.equal(short(LONG.slice(0, 201)), LONG.slice(0, 200))
  assert.equal(short(`${'x'.repeat(199)}🙂`), `${'x'.repeat(199)}\uFFFD`)
  assert.equal(cut('x'.repeat(64), 64).length, 64)
})

for (const [name, event] of /** @type {[string, (reason: {code: string, detail: string}) => any][]} */ ([
  ['closed', reason => closed(reason, null, null)],
  ['logged_out', loggedOut],
  ['scan_refused', scanRefused],
  ['pairing_code_refused', reason => pairingCodeRefused('r', reason)],
  [
    'snapshot',
    reason =>
      snapshotTaken({ phase: 'open', qr: null, pairingCodeUntil: null, reason, phoneNumber: null, pushName: null })
  ]
]))
  test(`the reason of ${name} is cut`, () => {
    assert.deepEqual(event({ code: LONG, detail: LONG }).reason, {
      code: LONG.slice(0, 64),
      detail: LONG.slice(0, 500)
    })
    assert.deepEqual(event({ code: 'a', detail: 'b' }).reason, boundedReason({ code: 'a', detail: 'b' }))
  })
