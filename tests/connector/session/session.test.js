// @ts-check
/** Reactions of a session to its sockets and its commands. */

import assert from 'node:assert/strict'
import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
import { mock, test } from 'node:test'
import { ending } from '../../../connector/session/baileys_errors.js'
import { QR, startSession } from '../../support/connector/fake_session.js'

test('an unpaired session goes from connecting to qr', () => {
  const { session, listener, done } = startSession()
  assert.equal(session.snapshot().phase, 'connecting')
  listener.qrShown(QR)
  assert.deepEqual(session.snapshot().qr, QR)
  assert.equal(session.snapshot().phase, 'qr')
  assert.deepEqual(done, ['qr_issued'])
})

test('a scan is stored together with the credentials, and removes the code', () => {
  const { session, listener, done, account } = startSession()
  listener.qrShown(QR)
  account.isPaired = true
  listener.credentialsChanged()
  assert.deepEqual(done, ['qr_issued', 'saved', 'paired'])
  assert.equal(session.snapshot().phase, 'pairing')
  assert.equal(session.snapshot().qr, null)
})

test('a scan is reported once, also if credentials change again', () => {
  const { listener, done, account } = startSession()
  account.isPaired = true
  listener.credentialsChanged()
  listener.credentialsChanged()
  assert.deepEqual(done, ['saved', 'paired', 'saved'])
})

test('any ending after a scan leads to a restart', () => {
  for (const code of /** @type {const} */ (['connection-lost', 'bad-session', 'logged-out'])) {
    const { listener, done, account } = startSession()
    account.isPaired = true
    listener.credentialsChanged()
    listener.ended(ending(code))
    assert.equal(done.at(-1), 75)
  }
})

test('a session exits after its last code', () => {
  const { listener, done } = startSession()
  listener.ended(ending('qrs-exhausted'))
  assert.deepEqual(done, ['qrs_exhausted', 0])
})

test('an unpaired session never connects twice', () => {
  const { session, listener, listeners, done } = startSession()
  listener.qrShown(QR)
  listener.ended(ending('connection-lost'))
  assert.deepEqual(done, ['qr_issued', 'closed', 0])
  assert.equal(listeners.length, 1)
  assert.equal(session.snapshot().qr, null)
})

test('keys that WhatsApp refused are not tried again', () => {
  const { listener, done } = startSession()
  listener.ended(ending('whatsapp-refused'))
  assert.deepEqual(done, ['wiped', 'closed', 0])
})

test('a paired session that never opened is pairing, one that did is reconnecting', () => {
  assert.equal(startSession({ paired: true }).session.snapshot().phase, 'pairing')
  assert.equal(startSession({ paired: true, openedBefore: true }).session.snapshot().phase, 'reconnecting')
})

test('a paired session connects again after a while and forgets the reason once it is open', () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const { session, listener, listeners } = startSession({ paired: true })
  listener.ended(ending('connection-lost'))
  assert.deepEqual(session.snapshot().reason?.code, 'connection-lost')
  mock.timers.tick(1200)
  assert.equal(listeners.length, 2)
  listeners[1].opened()
  assert.equal(session.snapshot().reason, null)
  assert.equal(session.snapshot().phase, 'open')
  mock.timers.reset()
})

test('a paired session that needs a person ends', () => {
  const { listener, done } = startSession({ paired: true })
  listener.ended(ending('connection-replaced'))
  assert.deepEqual(done, ['closed', 0])
})

test('a paired session that was logged out wipes its credentials', () => {
  const { listener, done } = startSession({ paired: true, openedBefore: true })
  listener.ended(ending('logged-out'))
  assert.deepEqual(done, ['wiped', 'logged_out', 'logged-out', 0])
})

test('close ends an unpaired session and is ignored by a paired one', () => {
  const unpaired = startSession()
  unpaired.session.execute({ command: 'close' })
  assert.deepEqual(unpaired.done, ['socket closed', 0])
  const paired = startSession({ paired: true })
  paired.session.execute({ command: 'close' })
  assert.deepEqual(paired.done, [])
})

test('a session is idle if it is open, the front has acknowledged all events, and ten seconds passed without a frame', () => {
  const { session, listener, idle, spool } = startSession({ paired: true })
  idle.seconds = 10
  assert.equal(session.isIdle(), false)
  listener.opened()
  assert.equal(session.isIdle(), true)
  idle.seconds = 9.9
  assert.equal(session.isIdle(), false)
  idle.seconds = 10
  spool.isEmpty = false
  assert.equal(session.isIdle(), false)
})

test('a session that is recycled reports it, keeps its account and has its own exit code', () => {
  const { session, listener, done } = startSession({ paired: true })
  listener.opened()
  session.recycle()
  assert.deepEqual(done, ['opened', 'socket closed', 'closed', 76])
})

test('a device that is refused at its first login was removed by WhatsApp', () => {
  const { listener, done } = startSession({ paired: true })
  listener.ended(ending('logged-out'))
  assert.deepEqual(done, ['wiped', 'logged_out', 'removed-at-once', 0])
})

test('a device that is removed within a minute of its first login may have been removed by WhatsApp', () => {
  const { listener, reasons } = startSession({ paired: true })
  listener.opened()
  listener.ended(ending('logged-out'))
  assert.deepEqual(reasons.at(-1), {
    code: 'logged-out',
    detail:
      "the phone unlinked this device: if nobody did so, WhatsApp did, often because of this host's internet address"
  })
})

test('a device that was logged in in an earlier process was unlinked by the phone', () => {
  const { listener, reasons } = startSession({ paired: true, openedBefore: true })
  listener.opened()
  listener.ended(ending('logged-out'))
  assert.deepEqual(reasons.at(-1), ending('logged-out'))
})

/** Timers and the boot clock, turned together. @param {import('node:test').TestContext} t */
function turnTime(t) {
  let now = 1000
  const clock = mock.method(os, 'uptime', () => now)
  syncBuiltinESMExports()
  mock.timers.enable({ apis: ['setTimeout'] })
  t.after(() => {
    mock.timers.reset()
    clock.mock.restore()
    syncBuiltinESMExports()
  })
  /** @param {number} seconds */
  return seconds => {
    for (let left = seconds; left > 0; left -= 10) {
      now += Math.min(left, 10)
      mock.timers.tick(Math.min(left, 10) * 1000)
    }
  }
}

test('after a certificate that is out of date the session tries again every minute', t => {
  const turn = turnTime(t)
  const { listeners } = startSession({ paired: true, openedBefore: true })
  for (const nth of [1, 2, 3]) {
    listeners[nth - 1].ended(ending('certificate-outdated'))
    turn(50)
    assert.equal(listeners.length, nth)
    turn(20)
    assert.equal(listeners.length, nth + 1)
  }
})

test('a session tries again when a temporary ban ends, also after weeks', t => {
  const turn = turnTime(t)
  const seconds = 40 * 86_400
  const { session, listener, listeners } = startSession({ paired: true, openedBefore: true })
  listener.ended({ ...ending('account-restricted'), waitFor: seconds })
  assert.deepEqual(session.snapshot().phase, 'reconnecting')
  turn(seconds - 60)
  assert.equal(listeners.length, 1)
  turn(120)
  assert.equal(listeners.length, 2)
})

test('after a scan by a phone that cannot link, the code stays and the session shows the reason', () => {
  const { session, listener, done } = startSession()
  listener.qrShown(QR)
  listener.scanRefused(ending('multidevice-mismatch'))
  assert.deepEqual(done, ['qr_issued', 'scan_refused'])
  assert.deepEqual([session.snapshot().qr, session.snapshot().reason?.code], [QR, 'multidevice-mismatch'])
})
