// @ts-check
/** A paired session whose version WhatsApp has refused, on a turned clock. */

import assert from 'node:assert/strict'
import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
import { mock, test } from 'node:test'
import { createLog } from '../../../connector/process/logger.js'
import { ending } from '../../../connector/session/baileys_errors.js'
import { Session } from '../../../connector/session/session.js'
import { LINK } from '../../support/connector/harness.js'

/** @typedef {import('node:test').TestContext} TestContext */

const ANN = '15551234567'
const [OLD, NEWER, NEWEST] = ['2.3000.1', '2.3000.2', '2.3000.3']
const HOUR = 3600

/**
 * A paired session on a turned clock. `accepts` says which versions WhatsApp accepts.
 * @param {TestContext} t
 * @param {(version: string | null) => boolean} accepts
 */
function start(t, accepts) {
  let passed = 0
  mock.timers.enable({ apis: ['setTimeout'] })
  const clock = mock.method(os, 'uptime', () => 1000 + passed)
  syncBuiltinESMExports()
  t.after(() => {
    clock.mock.restore()
    syncBuiltinESMExports()
    mock.timers.reset()
  })
  /** @type {{version: string | null, at: number}[]} */
  const logins = []
  /** @type {any[]} */
  const kept = []
  /** @type {import('../../../connector/session/socket.js').SocketListener[]} */
  const listeners = []
  const parts = {
    database: { facts: { get: () => 1, set: () => {} }, transaction: (/** @type {() => void} */ work) => work() },
    credentials: {
      isPaired: () => true,
      save: () => {},
      wipe: () => assert.fail('wiped'),
      account: () => ({ phoneNumber: ANN, pushName: null })
    },
    spool: { after: () => [] },
    server: { current: 'whatsapp', linked: () => 'whatsapp', remember: () => {} },
    front: {
      send: () => {},
      spool: (/** @type {any} */ event) => void kept.push(event),
      deliver: () => {},
      hasAcknowledgedAll: () => true
    },
    log: createLog({}, () => {}),
    exit: (/** @type {number} */ code) => assert.fail(`exit ${code}`),
    openSocket: (
      /** @type {any} */ { version },
      /** @type {import('../../../connector/session/socket.js').SocketListener} */ listener
    ) => {
      logins.push({ version, at: passed })
      listeners.push(listener)
      queueMicrotask(() => (accepts(version) ? listener.opened() : listener.ended(ending('version-rejected'))))
      return { close: () => {}, idleFor: () => 0, logout: async () => true }
    }
  }
  const session = new Session(/** @type {any} */ (parts))
  session.start()
  /** @param {number} seconds */
  async function pass(seconds) {
    for (let second = 0; second < seconds; second += 5) {
      passed += 5
      mock.timers.tick(5000)
      await Promise.resolve()
    }
  }
  /** @param {string} version */
  async function set(version) {
    session.execute({ command: 'set_link', link: { ...LINK, version } })
    await Promise.resolve()
  }
  /** @param {string} front @param {string} version */
  async function meet(front, version) {
    session.receiveHello({ front, have: 0, account: ANN, link: { ...LINK, version } })
    await Promise.resolve()
  }
  return { session, logins, kept, listeners, pass, set, meet }
}

test('a refused version is tried again once an hour, and the session shows each try', async t => {
  const { session, logins, kept, pass, meet } = start(t, () => false)
  await meet('front-1', OLD)
  await pass(HOUR - 10)
  assert.equal(logins.length, 1)
  assert.deepEqual([session.snapshot().phase, session.snapshot().reason?.code], ['reconnecting', 'version-rejected'])
  assert.equal(kept[0].version, OLD)
  assert.ok(kept[0].retryIn >= HOUR && kept[0].retryIn <= 1.25 * HOUR, String(kept[0].retryIn))
  await pass(10 * 1.25 * HOUR)
  assert.ok(logins.length >= 10 && logins.length <= 14, String(logins.length))
})

test('another version is used at once, without a scan, and the old one is forgotten', async t => {
  const { session, logins, kept, pass, set, meet } = start(t, version => version !== OLD)
  await meet('front-1', OLD)
  await pass(600)
  await set(NEWER)
  assert.deepEqual(
    logins.map(({ version }) => version),
    [OLD, NEWER]
  )
  assert.equal(session.snapshot().phase, 'open')
  assert.deepEqual([kept.at(-1).event, kept.at(-1).version], ['opened', NEWER])
  await pass(3 * HOUR)
  assert.equal(logins.length, 2)
})

test('a version that was refused before is not tried when the front names it again', async t => {
  const { logins, pass, set, meet } = start(t, () => false)
  await meet('front-1', OLD)
  await set(NEWER)
  await set(OLD)
  await set(NEWER)
  await pass(HOUR - 10)
  assert.deepEqual(
    logins.map(({ version }) => version),
    [OLD, NEWER]
  )
  await set(NEWEST)
  assert.equal(logins.length, 3)
})

test('the version that was accepted before comes back at once after a newer one is refused', async t => {
  const { session, logins, listeners, pass, set, meet } = start(t, version => version === OLD)
  await meet('front-1', OLD)
  await pass(60)
  await set(NEWER)
  assert.equal(logins.length, 1) // the open link stays
  listeners[0].ended(ending('connection-lost'))
  await pass(5)
  await set(OLD)
  assert.deepEqual(
    logins.map(({ version }) => version),
    [OLD, NEWER, OLD]
  )
  assert.equal(session.snapshot().phase, 'open')
})

test('a hello of another front leads to a try within seconds, a hello of the same front does not', async t => {
  const { logins, pass, meet } = start(t, () => false)
  await meet('front-1', OLD)
  await meet('front-1', OLD)
  await pass(60)
  assert.equal(logins.length, 1)
  await meet('front-2', OLD)
  await pass(15)
  assert.equal(logins.length, 2)
  await pass(HOUR - 30)
  assert.equal(logins.length, 2)
})

test('a hello of another front with another version leads to a try at once', async t => {
  const { logins, pass, meet } = start(t, version => version === NEWER)
  await meet('front-1', OLD)
  await meet('front-2', NEWER)
  await pass(HOUR)
  assert.deepEqual(
    logins.map(({ version, at }) => [version, at]),
    [
      [OLD, 0],
      [NEWER, 0]
    ]
  )
})

test('another version does not shorten a wait that has another reason', async t => {
  const { logins, listeners, set, meet } = start(t, () => true)
  await meet('front-1', OLD)
  listeners[0].ended(ending('connection-lost'))
  await set(NEWER)
  assert.equal(logins.length, 1)
})

test('a version that is named during the refused try is tried at once after it', async t => {
  const { logins, listeners, pass, set, meet } = start(t, version => version !== OLD)
  await meet('front-1', NEWER)
  listeners[0].ended(ending('connection-lost'))
  const waiting = logins.length
  assert.equal(waiting, 1)
  await set(OLD)
  mock.timers.tick(1500) // it connects with the old one, and is not refused yet
  assert.equal(logins.length, 2)
  const named = set(NEWEST)
  await named
  await pass(5)
  assert.deepEqual(
    logins.map(({ version }) => version),
    [NEWER, OLD, NEWEST]
  )
})
