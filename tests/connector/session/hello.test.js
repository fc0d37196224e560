// @ts-check
/** Hellos and link options: when a session opens a socket, keeps it, or ends. */

import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { ending } from '../../../connector/session/baileys_errors.js'
import { ANN, QR, startSession } from '../../support/connector/fake_session.js'
import { LINK } from '../../support/connector/harness.js'

test('an unpaired session opens no socket before a front says that it expects no account', () => {
  const { session, listeners } = startSession({ isMet: false })
  assert.equal(listeners.length, 0)
  session.receiveHello({ front: 'front-1', have: 0, account: null, link: LINK })
  session.receiveHello({ front: 'front-1', have: 0, account: null, link: LINK })
  assert.equal(listeners.length, 1)
})

test('an unpaired session ends without a socket if the front allows no registration', () => {
  const { session, listeners, done } = startSession({ isMet: false })
  session.receiveHello({ front: 'front-1', have: 0, account: null, link: LINK, mayRegister: false })
  assert.deepEqual([listeners.length, done], [0, [0]])
})

test('an unpaired session keeps its socket if the front allows no registration', () => {
  const { session, listener, done } = startSession()
  listener.qrShown(QR)
  session.receiveHello({ front: 'front-2', have: 0, account: null, link: LINK, mayRegister: false })
  assert.deepEqual(done, ['qr_issued'])
})

test('a paired session connects also if the front allows no registration', () => {
  const { session, listeners } = startSession({ paired: true, isMet: false })
  session.receiveHello({ front: 'front-1', have: 0, account: ANN, link: LINK, mayRegister: false })
  assert.equal(listeners.length, 1)
})

test('a hello without link options opens no socket, and the next hello with them does', () => {
  const { session, listeners, done, logged } = startSession({ paired: true, isMet: false })
  session.receiveHello({ front: 'older', have: 0, account: ANN })
  assert.deepEqual([listeners.length, done], [0, []])
  assert.equal(logged.filter(line => line.includes('event=hello_of_older_front')).length, 1)
  session.receiveHello({ front: 'newer', have: 0, account: ANN, link: LINK, mayRegister: true })
  assert.equal(listeners.length, 1)
})

test('a hello without link options does not change an open socket', () => {
  const { session, listeners, done } = startSession({ paired: true })
  session.receiveHello({ front: 'older', have: 0, account: ANN })
  assert.deepEqual([listeners.length, done], [1, []])
})

test('a paired session opens no socket before a front sends link options', () => {
  const { session, listeners, opened } = startSession({ paired: true, isMet: false })
  assert.equal(listeners.length, 0)
  session.receiveHello({ front: 'front-1', have: 0, account: ANN, link: { ...LINK, deviceName: 'The shop' } })
  session.receiveHello({ front: 'front-1', have: 0, account: null, link: LINK })
  assert.deepEqual(
    opened.map(({ deviceName }) => deviceName),
    ['The shop']
  )
})

test('the next socket has the link options that a front sent last', () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const { session, listener, opened } = startSession({ paired: true })
  session.execute({ command: 'set_link', link: { ...LINK, version: '2.3000.1049950004' } })
  assert.equal(opened.length, 1)
  listener.ended(ending('connection-lost'))
  mock.timers.tick(1200)
  assert.deepEqual(
    opened.map(({ version }) => version),
    [null, '2.3000.1049950004']
  )
  mock.timers.reset()
})

test('an unpaired session ends a socket with an old device name', () => {
  const { session, listener, done, opened } = startSession()
  listener.qrShown(QR)
  session.execute({ command: 'set_link', link: { ...LINK, deviceName: 'Till' } })
  assert.deepEqual(done, ['qr_issued', 'socket closed', 0])
  assert.equal(opened.length, 1)
})

test('an unpaired session keeps its socket if only the version changes', () => {
  const { session, done } = startSession()
  session.execute({ command: 'set_link', link: { ...LINK, version: '2.3000.1049950004' } })
  assert.deepEqual(done, [])
})

test('a paired session keeps its socket if the device name changes', () => {
  const { session, listener, done, opened } = startSession({ paired: true })
  listener.opened()
  session.execute({ command: 'set_link', link: { ...LINK, deviceName: 'Till' } })
  assert.deepEqual([done, opened.length], [['opened'], 1])
})

test('a hello with another device name ends an unpaired socket', () => {
  const { session, done, opened } = startSession()
  session.receiveHello({ front: 'front-1', have: 0, account: null, link: { ...LINK, deviceName: 'Till' } })
  assert.deepEqual([done, opened.length], [['socket closed', 0], 1])
})

test('a session whose credentials are lost opens no socket and has its own exit code', () => {
  const { session, listeners, done } = startSession({ isMet: false })
  session.receiveHello({ front: 'front-1', have: 0, account: ANN, link: LINK })
  assert.deepEqual([listeners.length, done], [0, [78]])
  session.receiveHello({ front: 'front-1', have: 0, account: null, link: LINK })
  assert.equal(listeners.length, 0)
})

test('credentials of another account are not used', () => {
  const { session, done, listeners } = startSession({ paired: true, isMet: false })
  session.receiveHello({ front: 'front-1', have: 0, account: '15550000000', link: LINK })
  assert.deepEqual([done, listeners.length], [[78], 0])
})

test('an account that was linked with another server opens no socket', () => {
  const { done, listeners } = startSession({ paired: true, linked: 'ab'.repeat(32) })
  assert.equal(listeners.length, 0)
  assert.deepEqual(done, [81])
})

test('credentials that are gone after a logout are not lost', () => {
  const { session, listeners, done } = startSession({ isMet: false, spooled: ['opened', 'logged_out'] })
  session.receiveHello({ front: 'front-1', have: 0, account: ANN, link: LINK })
  assert.deepEqual([listeners.length, done], [0, [0]])
})

test('a session that was stopped opens no socket', () => {
  const { session, listeners } = startSession({ isMet: false })
  session.stop()
  session.receiveHello({ front: 'front-1', have: 0, account: null, link: LINK })
  assert.equal(listeners.length, 0)
})

test('a hello right after a scan finds the credentials', () => {
  const { session, listener, done, account } = startSession()
  account.isPaired = true
  listener.credentialsChanged()
  session.receiveHello({ front: 'front-1', have: 1, account: ANN, link: LINK })
  assert.deepEqual(done, ['saved', 'paired'])
})
