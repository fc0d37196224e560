// @ts-check
/** Registration refresh: WhatsApp retires the secret in the present code. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, mock, test } from 'node:test'
import { openRegistrationRefresh } from '../../../connector/pairing/registration_refresh.js'
import {
  makeSession,
  openFront,
  openUnpairedSession,
  startConnector,
  startSandbox
} from '../../support/connector/harness.js'

const ANN = '15551234567'
const CHILDREN = ['companion_reg_refresh', 'pair-device-rotate-qr']
const RETIRED = /409 .*secret-retired/

/** @typedef {{payload: string}} Shown */

/** The ref of a code, and the secret. @param {Shown} qr */
function partsOf({ payload }) {
  const [ref, , , secret] = payload.split(',')
  return { ref, secret }
}

/** The secret that a start of the connector would show. @param {import('../../support/connector/harness.js').TestSession} session */
function savedSecret({ folder }) {
  const database = new DatabaseSync(join(folder, 'connector.db'), { readOnly: true })
  const row = database.prepare(`SELECT value FROM credentials WHERE kind = 'creds'`).get()
  database.close()
  return JSON.parse(String(row?.value)).advSecretKey
}

/**
 * An unpaired session whose connector has got a hello.
 * @param {import('node:test').TestContext} t
 * @param {{faults?: object, settings?: object, environment?: Record<string, string>}} [options]
 */
async function start(t, { faults = {}, settings = {}, environment = {} } = {}) {
  const sandbox = await startSandbox(t)
  await sandbox.faults(faults)
  await sandbox.settings(settings)
  const { session, front, connector, settings: started } = await openUnpairedSession(t, sandbox, environment)
  const begin = (more = {}) => startConnector(t, session, { ...started, ...more })
  return { sandbox, session, front, connector, begin }
}

/** @param {Awaited<ReturnType<typeof start>>} started */
async function assertOpens({ front, connector, begin }) {
  await front.next('paired')
  assert.equal((await connector.exit()).code, 75)
  begin()
  await front.meet(1)
  assert.equal((await front.next('opened')).phoneNumber, ANN)
}

describe('a registration refresh', { concurrency: 2 }, () => {
  for (const child of CHILDREN)
    test(`a scan that is answered with ${child} shows the same ref with another secret, and the next scan links`, async t => {
      const started = await start(t, { faults: { refreshRegistration: child } })
      const { sandbox, session, front, connector } = started
      const before = await front.next('qr_issued')
      await assert.rejects(sandbox.scan(before.payload), RETIRED)
      const after = await front.next('qr_issued')
      assert.equal(partsOf(after).ref, partsOf(before).ref)
      assert.notEqual(partsOf(after).secret, partsOf(before).secret)
      assert.deepEqual({ ...after, payload: '' }, { ...before, payload: '', isRefresh: true })
      assert.equal(savedSecret(session), partsOf(after).secret)
      assert.match(connector.output.stderr, new RegExp(`event=registration_refreshed child=${child}`))
      await assert.rejects(sandbox.scan(before.payload), RETIRED)
      await sandbox.scan((await front.next('qr_issued')).payload)
      await assertOpens(started)
    })

  test('every notification is acknowledged once, before and after the device has a number', async t => {
    const { sandbox, front } = await start(t)
    await front.qr()
    await sandbox.refreshRegistration()
    front.say({ command: 'pair_by_code', request: 'r1', phoneNumber: ANN })
    const { code } = await front.next('pairing_code_issued')
    await sandbox.refreshRegistration()
    await sandbox.typeCode(ANN, code)
    await front.next('paired')
    const { notifications } = await sandbox.state()
    const words = 'Baileys acknowledges early notifications in another way: look at connector/pairing/early_acks.js'
    assert.deepEqual(notifications, { sent: 3, acknowledged: 3 }, words)
  })

  test('all later codes of the socket carry the new secret', async t => {
    const settings = { qrLifetimes: [1.5], refs: 3 }
    const { sandbox, front } = await start(t, { settings, environment: { MOTTE_QR_LIFETIME: '1.5' } })
    await front.next('qr_issued')
    await sandbox.refreshRegistration()
    const codes = [await front.next('qr_issued'), await front.next('qr_issued'), await front.next('qr_issued')]
    assert.deepEqual(
      codes.map(({ ordinal }) => ordinal),
      [1, 2, 3]
    )
    assert.equal(new Set(codes.map(code => partsOf(code).secret)).size, 1)
    await sandbox.scan(codes[2].payload)
  })

  test('the codes of the next process carry the new secret', async t => {
    const { sandbox, front, connector, begin } = await start(t)
    await front.next('qr_issued')
    await sandbox.refreshRegistration()
    const { secret } = partsOf(await front.next('qr_issued'))
    front.say({ command: 'close' })
    await connector.exit()
    begin()
    await front.meet()
    assert.equal(partsOf(await front.qr()).secret, secret)
  })

  test('before the first code no code is shown again, and the first one carries the new secret', async t => {
    const { sandbox, session, front, connector } = await start(t, { faults: { delayRefs: 1 } })
    while ((await sandbox.state()).registrations === 0) await new Promise(next => setTimeout(next, 10))
    const before = savedSecret(session)
    await sandbox.refreshRegistration()
    await connector.printed('registration_refreshed')
    const { secret } = partsOf(await front.next('qr_issued'))
    assert.notEqual(secret, before)
    assert.equal(secret, savedSecret(session))
  })

  test('two refreshes in a row show two new codes, and the second links', async t => {
    const { sandbox, front } = await start(t)
    await front.next('qr_issued')
    await sandbox.refreshRegistration()
    await sandbox.refreshRegistration()
    const [first, second] = [await front.next('qr_issued'), await front.next('qr_issued')]
    assert.notEqual(first.payload, second.payload)
    await sandbox.scan(second.payload)
    await front.next('paired')
  })

  test('a pairing code that was already issued can still be typed', async t => {
    const started = await start(t)
    const { sandbox, front } = started
    front.say({ command: 'pair_by_code', request: 'r1', phoneNumber: ANN })
    const { code } = await front.next('pairing_code_issued')
    await front.qr()
    await sandbox.refreshRegistration()
    await front.next('qr_issued')
    await sandbox.typeCode(ANN, code)
    await assertOpens(started)
  })

  test('a pairing by code keeps its secret after its companion_finish', async t => {
    const started = await start(t, { faults: { refreshAfterFinish: true } })
    const { sandbox, front, connector } = started
    front.say({ command: 'pair_by_code', request: 'r1', phoneNumber: ANN })
    await sandbox.typeCode(ANN, (await front.next('pairing_code_issued')).code)
    await assertOpens(started)
    assert.ok(!connector.output.stderr.includes('registration_refreshed'))
  })

  test('after a wrong pairing code the QR code can still be scanned', async t => {
    const { sandbox, session, front } = await start(t)
    front.say({ command: 'pair_by_code', request: 'r1', phoneNumber: ANN })
    await front.next('pairing_code_issued')
    await assert.rejects(sandbox.typeCode(ANN, 'AAAAAAAA'), /409 .*wrong-code/)
    const { payload, isRefresh } = await front.next('qr_issued')
    assert.equal(isRefresh, false)
    assert.equal(partsOf({ payload }).secret, savedSecret(session))
    await sandbox.scan(payload)
    await front.next('paired')
  })
})

describe('kill -9 during a registration refresh', { concurrency: 2 }, () => {
  /** The first transaction makes the credentials, the second is the refresh. */
  const MOMENTS = [
    ['before the new secret is on the disk', { DIES_AT_COMMIT: '2', DIES: 'before' }],
    ['after it is on the disk, before it is shown', { DIES_AT_COMMIT: '2', DIES: 'after' }],
    ['after it was shown', {}]
  ]
  for (const [moment, deadline] of /** @type {[string, Record<string, string>][]} */ (MOMENTS))
    test(`${moment}, it loses nothing`, async t => {
      const sandbox = await startSandbox(t)
      await sandbox.faults({ refreshRegistration: { value: true, times: 1 } })
      const session = makeSession(t)
      const front = openFront(t, session)
      const preload = {
        NODE_OPTIONS: `--import ${join(import.meta.dirname, '../../support/connector/mortal_disk.js')}`
      }
      const mortal = startConnector(t, session, { ...sandbox.environment, ...preload, ...deadline })
      await front.meet()
      const before = await front.next('qr_issued')
      await assert.rejects(sandbox.scan(before.payload), RETIRED)
      if (!deadline.DIES) {
        await front.next('qr_issued')
        mortal.child.kill('SIGKILL')
      }
      assert.equal((await mortal.exit()).signal, 'SIGKILL')
      const last = partsOf(front.heard.findLast(({ event }) => event === 'qr_issued')).secret
      const isRenewed = deadline.DIES !== 'before'
      assert.equal(savedSecret(session) !== partsOf(before).secret, isRenewed)
      assert.equal(last === savedSecret(session), deadline.DIES !== 'after')

      startConnector(t, session, sandbox.environment)
      await front.meet()
      const shown = await front.qr()
      assert.equal(partsOf(shown).secret, savedSecret(session))
      if (!isRenewed) {
        await assert.rejects(sandbox.scan(shown.payload), RETIRED)
        await sandbox.scan((await front.next('qr_issued')).payload)
      } else {
        await sandbox.scan(shown.payload)
      }
      await front.next('paired')
    })
})

/** A refresh over a socket and credentials that only remember. @param {{isPaired?: boolean}} [options] */
function open({ isPaired = false } = {}) {
  const ws = new EventEmitter()
  const creds = { advSecretKey: 'first' }
  /** @type {string[]} */
  const done = []
  const save = () => done.push(`saved ${creds.advSecretKey}`)
  const credentials = { state: { creds }, save, isPaired: () => isPaired }
  const refresh = openRegistrationRefresh(/** @type {any} */ (ws), /** @type {any} */ (credentials), child =>
    done.push(child)
  )
  /** @param {string} child */
  const notify = child =>
    ws.emit('CB:notification,type:companion_reg_refresh', {
      tag: 'notification',
      attrs: {},
      content: [{ tag: child, attrs: {} }]
    })
  return { creds, done, notify, refresh }
}

test('the new secret has 32 random bytes and is saved before it is reported', () => {
  const { creds, done, notify } = open()
  notify('pair-device-rotate-qr')
  assert.equal(Buffer.from(creds.advSecretKey, 'base64').length, 32)
  assert.deepEqual(done, [`saved ${creds.advSecretKey}`, 'pair-device-rotate-qr'])
})

test('a notification with another child changes nothing', () => {
  const { creds, done, notify } = open()
  notify('something-else')
  assert.deepEqual([creds.advSecretKey, done], ['first', []])
})

test('a paired device keeps its secret', () => {
  const { creds, done, notify } = open({ isPaired: true })
  notify('companion_reg_refresh')
  assert.deepEqual([creds.advSecretKey, done], ['first', []])
})

test('if a pairing by code does not finish within a minute, its secret is replaced', t => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.after(() => mock.timers.reset())
  const { creds, done, notify } = open()
  creds.advSecretKey = 'derived'
  notify('companion_reg_refresh')
  mock.timers.tick(59_999)
  assert.deepEqual([creds.advSecretKey, done], ['derived', []])
  mock.timers.tick(1)
  assert.deepEqual(done, [`saved ${creds.advSecretKey}`, 'companion_reg_refresh'])
})

test('a socket that has ended replaces no secret any more', t => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.after(() => mock.timers.reset())
  const { creds, notify, refresh } = open()
  creds.advSecretKey = 'derived'
  notify('companion_reg_refresh')
  refresh.stop()
  mock.timers.tick(60_000)
  assert.equal(creds.advSecretKey, 'derived')
})
