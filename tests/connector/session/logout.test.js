// @ts-check
/** Logout of a session. */

import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { ending } from '../../../connector/session/baileys_errors.js'
import { startSession } from '../../support/connector/fake_session.js'

test('WhatsApp hears of a logout before the credentials are wiped', async () => {
  const { session, done } = startSession({ paired: true })
  session.execute({ command: 'logout' })
  await new Promise(setImmediate)
  assert.deepEqual(done, ['told WhatsApp', 'wiped', 'logged_out', 'asked', 0])
})

test('a logout that WhatsApp does not confirm has its own reason', async () => {
  const { session, done, whatsapp } = startSession({ paired: true })
  whatsapp.confirms = false
  session.execute({ command: 'logout' })
  await new Promise(setImmediate)
  assert.deepEqual(done, ['told WhatsApp', 'wiped', 'logged_out', 'asked-unconfirmed', 0])
})

test('a logout of an unpaired session does not inform WhatsApp', async () => {
  const { session, done } = startSession()
  session.execute({ command: 'logout' })
  await new Promise(setImmediate)
  assert.deepEqual(done, ['socket closed', 'wiped', 'logged_out', 'asked', 0])
})

test('a process that has just paired leaves a logout to the next one', async () => {
  const { session, done, account } = startSession()
  account.isPaired = true
  session.execute({ command: 'logout' })
  await new Promise(setImmediate)
  assert.deepEqual(done, [])
})

test('a logout between two sockets connects once, to inform WhatsApp', async () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const { session, listener, listeners } = startSession({ paired: true })
  listener.ended(ending('connection-lost'))
  session.execute({ command: 'logout' })
  assert.equal(listeners.length, 2)
  mock.timers.tick(60_000)
  assert.equal(listeners.length, 2)
  mock.timers.reset()
})
