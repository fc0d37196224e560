// @ts-check
/** Reactions of a session to its sockets, its fronts and its commands. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
import { mock, test } from 'node:test'
import { createLog } from '../../../connector/process/logger.js'
import { ending } from '../../../connector/session/error_reasons.js'
import { Session } from '../../../connector/session/session.js'
import { LINK } from '../../support/connector/harness.js'

/** @typedef {import('../../../connector/session/link_options.js').LinkOptions} LinkOptions */

const ANN = '15551234567'
const QR = { ordinal: 1, payload: 'https://wa.me/#2@ref', issuedAt: 10, lifetime: 60 }

/** A session over fakes of a socket, a database and a front. @param {{paired?: boolean, openedBefore?: boolean, isMet?: boolean, spooled?: string[], linked?: string}} [past] */
function start({
  paired = false,
  openedBefore = false,
  isMet = true,
  spooled = /** @type {string[]} */ ([]),
  linked = 'whatsapp'
} = {}) {
  /** @type {any[]} what was sent, written and done, in order */
  const done = []
  /** @type {import('../../../connector/session/socket.js').SocketListener[]} */
  const listeners = []
  /** @type {any[]} */
  const reasons = []
  /** @type {LinkOptions[]} */
  const opened = []
  const account = { isPaired: paired }
  const idle = { seconds: 0 }
  const spool = { isEmpty: true }
  const whatsapp = { confirms: true }
  const server = { linked }
  const socket = {
    close: () => void done.push('socket closed'),
    logout: async () => {
      done.push('told WhatsApp')
      return whatsapp.confirms
    },
    idleFor: () => idle.seconds,
    requestPairingCode: async () => ({ code: 'ABCD1234', issuedAt: 1, lifetime: 100 })
  }
  const parts = {
    database: {
      facts: { get: () => Number(openedBefore), set: () => {} },
      transaction: (/** @type {() => void} */ work) => work()
    },
    credentials: {
      isPaired: () => account.isPaired,
      save: () => void done.push('saved'),
      wipe: () => void done.push('wiped'),
      account: () => ({ phoneNumber: account.isPaired ? ANN : null, pushName: null })
    },
    server: { current: 'whatsapp', linked: () => server.linked, remember: () => void (server.linked = 'whatsapp') },
    spool: { after: () => spooled.map((event, index) => ({ seq: index + 1, event: { event } })) },
    front: {
      /** @param {{event: string}} event */
      send: ({ event }) => void done.push(event),
      /** @param {{event: string, reason?: any}} event */
      spool: ({ event, reason }) => {
        done.push(event, ...(event === 'logged_out' ? [reason.code] : []))
        reasons.push(reason)
      },
      deliver: () => {},
      hasAcknowledgedAll: () => spool.isEmpty
    },
    log: createLog({}, () => {}),
    exit: (/** @type {number} */ code) => void done.push(code),
    openSocket: (
      /** @type {LinkOptions} */ options,
      /** @type {import('../../../connector/session/socket.js').SocketListener} */ listener
    ) => {
      opened.push(options)
      listeners.push(listener)
      return socket
    }
  }
  const session = new Session(/** @type {any} */ (parts))
  session.start()
  if (isMet) session.receiveHello({ front: 'front-1', have: 0, account: paired ? ANN : null, link: LINK })
  return { session, done, reasons, account, whatsapp, idle, spool, listeners, listener: listeners[0], opened }
}

test('an unpaired session goes from connecting to qr', () => {
  const { session, listener, done } = start()
  assert.equal(session.snapshot().phase, 'connecting')
  listener.qrShown(QR)
  assert.deepEqual(session.snapshot().qr, QR)
  assert.equal(session.snapshot().phase, 'qr')
  assert.deepEqual(done, ['qr_issued'])
})

test('a scan is stored together with the credentials, and removes the code', () => {
  const { session, listener, done, account } = start()
  listener.qrShown(QR)
  account.isPaired = true
  listener.credentialsChanged()
  assert.deepEqual(done, ['qr_issued', 'saved', 'paired'])
  assert.equal(session.snapshot().phase, 'pairing')
  assert.equal(session.snapshot().qr, null)
})

test('a scan is reported once, also if credentials change again', () => {
  const { listener, done, account } = start()
  account.isPaired = true
  listener.credentialsChanged()
  listener.credentialsChanged()
  assert.deepEqual(done, ['saved', 'paired', 'saved'])
})

test('any ending after a scan leads to a restart', () => {
  for (const code of /** @type {const} */ (['connection-lost', 'bad-session', 'logged-out'])) {
    const { listener, done, account } = start()
    account.isPaired = true
    listener.credentialsChanged()
    listener.ended(ending(code))
    assert.equal(done.at(-1), 75)
  }
})

test('a session exits after its last code', () => {
  const { listener, done } = start()
  listener.ended(ending('qrs-exhausted'))
  assert.deepEqual(done, ['qrs_exhausted', 0])
})

test('an unpaired session never connects twice', () => {
  const { session, listener, listeners, done } = start()
  listener.qrShown(QR)
  listener.ended(ending('connection-lost'))
  assert.deepEqual(done, ['qr_issued', 'closed', 0])
  assert.equal(listeners.length, 1)
  assert.equal(session.snapshot().qr, null)
})

test('keys that WhatsApp refused are not tried again', () => {
  const { listener, done } = start()
  listener.ended(ending('whatsapp-refused'))
  assert.deepEqual(done, ['wiped', 'closed', 0])
})

test('a paired session that never opened is pairing, one that did is reconnecting', () => {
  assert.equal(start({ paired: true }).session.snapshot().phase, 'pairing')
  assert.equal(start({ paired: true, openedBefore: true }).session.snapshot().phase, 'reconnecting')
})

test('a paired session connects again after a while and forgets the reason once it is open', () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const { session, listener, listeners } = start({ paired: true })
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
  const { listener, done } = start({ paired: true })
  listener.ended(ending('connection-replaced'))
  assert.deepEqual(done, ['closed', 0])
})

test('a paired session that was logged out wipes its credentials', () => {
  const { listener, done } = start({ paired: true, openedBefore: true })
  listener.ended(ending('logged-out'))
  assert.deepEqual(done, ['wiped', 'logged_out', 'logged-out', 0])
})

test('WhatsApp hears of a logout before the credentials are wiped', async () => {
  const { session, done } = start({ paired: true })
  session.execute({ command: 'logout' })
  await new Promise(setImmediate)
  assert.deepEqual(done, ['told WhatsApp', 'wiped', 'logged_out', 'asked', 0])
})

test('a logout that WhatsApp does not confirm has its own reason', async () => {
  const { session, done, whatsapp } = start({ paired: true })
  whatsapp.confirms = false
  session.execute({ command: 'logout' })
  await new Promise(setImmediate)
  assert.deepEqual(done, ['told WhatsApp', 'wiped', 'logged_out', 'asked-unconfirmed', 0])
})

test('a logout of an unpaired session does not inform WhatsApp', async () => {
  const { session, done } = start()
  session.execute({ command: 'logout' })
  await new Promise(setImmediate)
  assert.deepEqual(done, ['socket closed', 'wiped', 'logged_out', 'asked', 0])
})

test('a logout between two sockets connects once, to inform WhatsApp', async () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const { session, listener, listeners } = start({ paired: true })
  listener.ended(ending('connection-lost'))
  session.execute({ command: 'logout' })
  assert.equal(listeners.length, 2)
  mock.timers.tick(60_000)
  assert.equal(listeners.length, 2)
  mock.timers.reset()
})

test('close ends an unpaired session and is ignored by a paired one', () => {
  const unpaired = start()
  unpaired.session.execute({ command: 'close' })
  assert.deepEqual(unpaired.done, ['socket closed', 0])
  const paired = start({ paired: true })
  paired.session.execute({ command: 'close' })
  assert.deepEqual(paired.done, [])
})

test('an unpaired session opens no socket before a front says that it expects no account', () => {
  const { session, listeners } = start({ isMet: false })
  assert.equal(listeners.length, 0)
  session.receiveHello({ front: 'front-1', have: 0, account: null, link: LINK })
  session.receiveHello({ front: 'front-1', have: 0, account: null, link: LINK })
  assert.equal(listeners.length, 1)
})

test('an unpaired session ends without a socket if the front allows no registration', () => {
  const { session, listeners, done } = start({ isMet: false })
  session.receiveHello({ front: 'front-1', have: 0, account: null, link: LINK, mayRegister: false })
  assert.deepEqual([listeners.length, done], [0, [0]])
})

test('an unpaired session keeps its socket if the front allows no registration', () => {
  const { session, listener, done } = start()
  listener.qrShown(QR)
  session.receiveHello({ front: 'front-2', have: 0, account: null, link: LINK, mayRegister: false })
  assert.deepEqual(done, ['qr_issued'])
})

test('a paired session connects also if the front allows no registration', () => {
  const { session, listeners } = start({ paired: true, isMet: false })
  session.receiveHello({ front: 'front-1', have: 0, account: ANN, link: LINK, mayRegister: false })
  assert.equal(listeners.length, 1)
})

test('a hello without link options opens no socket, and the next hello with them does', () => {
  const { session, listeners, done } = start({ paired: true, isMet: false })
  session.receiveHello({ front: 'older', have: 0, account: ANN })
  assert.deepEqual([listeners.length, done], [0, []])
  session.receiveHello({ front: 'newer', have: 0, account: ANN, link: LINK, mayRegister: true })
  assert.equal(listeners.length, 1)
})

test('a hello without link options does not change an open socket', () => {
  const { session, listeners, done } = start({ paired: true })
  session.receiveHello({ front: 'older', have: 0, account: ANN })
  assert.deepEqual([listeners.length, done], [1, []])
})

test('a paired session opens no socket before a front sends link options', () => {
  const { session, listeners, opened } = start({ paired: true, isMet: false })
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
  const { session, listener, opened } = start({ paired: true })
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
  const { session, listener, done, opened } = start()
  listener.qrShown(QR)
  session.execute({ command: 'set_link', link: { ...LINK, deviceName: 'Till' } })
  assert.deepEqual(done, ['qr_issued', 'socket closed', 0])
  assert.equal(opened.length, 1)
})

test('an unpaired session keeps its socket if only the version changes', () => {
  const { session, done } = start()
  session.execute({ command: 'set_link', link: { ...LINK, version: '2.3000.1049950004' } })
  assert.deepEqual(done, [])
})

test('a paired session keeps its socket if the device name changes', () => {
  const { session, listener, done, opened } = start({ paired: true })
  listener.opened()
  session.execute({ command: 'set_link', link: { ...LINK, deviceName: 'Till' } })
  assert.deepEqual([done, opened.length], [['opened'], 1])
})

test('a hello with another device name ends an unpaired socket', () => {
  const { session, done, opened } = start()
  session.receiveHello({ front: 'front-1', have: 0, account: null, link: { ...LINK, deviceName: 'Till' } })
  assert.deepEqual([done, opened.length], [['socket closed', 0], 1])
})

test('a session whose credentials are lost opens no socket and has its own exit code', () => {
  const { session, listeners, done } = start({ isMet: false })
  session.receiveHello({ front: 'front-1', have: 0, account: ANN, link: LINK })
  assert.deepEqual([listeners.length, done], [0, [78]])
  session.receiveHello({ front: 'front-1', have: 0, account: null, link: LINK })
  assert.equal(listeners.length, 0)
})

test('credentials of another account are not used', () => {
  const { session, done, listeners } = start({ paired: true, isMet: false })
  session.receiveHello({ front: 'front-1', have: 0, account: '15550000000', link: LINK })
  assert.deepEqual([done, listeners.length], [[78], 0])
})

test('an account that was linked with another server opens no socket', () => {
  const { done, listeners } = start({ paired: true, linked: 'ab'.repeat(32) })
  assert.equal(listeners.length, 0)
  assert.deepEqual(done, [81])
})

test('credentials that are gone after a logout are not lost', () => {
  const { session, listeners, done } = start({ isMet: false, spooled: ['opened', 'logged_out'] })
  session.receiveHello({ front: 'front-1', have: 0, account: ANN, link: LINK })
  assert.deepEqual([listeners.length, done], [0, [0]])
})

test('a session that was stopped opens no socket', () => {
  const { session, listeners } = start({ isMet: false })
  session.stop()
  session.receiveHello({ front: 'front-1', have: 0, account: null, link: LINK })
  assert.equal(listeners.length, 0)
})

test('a hello right after a scan finds the credentials', () => {
  const { session, listener, done, account } = start()
  account.isPaired = true
  listener.credentialsChanged()
  session.receiveHello({ front: 'front-1', have: 1, account: ANN, link: LINK })
  assert.deepEqual(done, ['saved', 'paired'])
})

test('a session is idle if it is open, the front has acknowledged all events, and ten seconds passed without a frame', () => {
  const { session, listener, idle, spool } = start({ paired: true })
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
  const { session, listener, done } = start({ paired: true })
  listener.opened()
  session.recycle()
  assert.deepEqual(done, ['opened', 'socket closed', 'closed', 76])
})

test('a device that is refused at its first login was removed by WhatsApp', () => {
  const { listener, done } = start({ paired: true })
  listener.ended(ending('logged-out'))
  assert.deepEqual(done, ['wiped', 'logged_out', 'removed-at-once', 0])
})

test('a device that is removed within a minute of its first login may have been removed by WhatsApp', () => {
  const { listener, reasons } = start({ paired: true })
  listener.opened()
  listener.ended(ending('logged-out'))
  assert.deepEqual(reasons.at(-1), {
    code: 'logged-out',
    detail:
      "the phone unlinked this device: if nobody did so, WhatsApp did, often because of this host's internet address"
  })
})

test('a device that was logged in in an earlier process was unlinked by the phone', () => {
  const { listener, reasons } = start({ paired: true, openedBefore: true })
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
  const { listeners } = start({ paired: true, openedBefore: true })
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
  const { session, listener, listeners } = start({ paired: true, openedBefore: true })
  listener.ended({ ...ending('account-restricted'), waitFor: seconds })
  assert.deepEqual(session.snapshot().phase, 'reconnecting')
  turn(seconds - 60)
  assert.equal(listeners.length, 1)
  turn(120)
  assert.equal(listeners.length, 2)
})

test('after a scan by a phone that cannot link, the code stays and the session shows the reason', () => {
  const { session, listener, done } = start()
  listener.qrShown(QR)
  listener.scanRefused(ending('multidevice-mismatch'))
  assert.deepEqual(done, ['qr_issued', 'scan_refused'])
  assert.deepEqual([session.snapshot().qr, session.snapshot().reason?.code], [QR, 'multidevice-mismatch'])
})
