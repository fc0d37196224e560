// @ts-check
/** A session from its first code to an open connection, through real pipes and a sandbox. */

import assert from 'node:assert/strict'
import { uptime } from 'node:os'
import { describe, test } from 'node:test'
import {
  openPairedSession,
  openUnpairedSession,
  startConnector,
  startSandbox
} from '../../support/connector/harness.js'

describe('pairing', { concurrency: 2 }, () => {
  test('the first code has the time at which it was issued, and its lifetime', async t => {
    const sandbox = await startSandbox(t)
    const { front } = await openUnpairedSession(t, sandbox)
    const qr = await front.qr()
    assert.equal(qr.ordinal, 1)
    assert.equal(qr.lifetime, 60)
    assert.match(qr.payload, /^https:\/\/wa\.me\/settings\/linked_devices#2@/)
    assert.ok(uptime() - qr.issuedAt < 2)
  })

  test('a scan is reported, the process exits with 75, and the next one opens', async t => {
    const sandbox = await startSandbox(t)
    const { session, front, connector: first } = await openUnpairedSession(t, sandbox)
    await sandbox.scan((await front.qr()).payload)
    const { seq, phoneNumber, pushName } = await front.next('paired')
    assert.deepEqual({ seq, phoneNumber, pushName }, { seq: 1, phoneNumber: '15551234567', pushName: 'Ann' })
    assert.deepEqual(await first.exit(), { code: 75, signal: null })

    startConnector(t, session, sandbox.environment)
    const snapshot = await front.meet(1)
    assert.equal(snapshot.phase, 'pairing')
    assert.equal((await front.next('opened')).epoch, 2)
    assert.deepEqual((await sandbox.state()).unknownQueries, [])
  })

  test('a front that says hello again gets the code that is shown now', async t => {
    const sandbox = await startSandbox(t)
    const { front } = await openUnpairedSession(t, sandbox)
    const { event, epoch, version, isRefresh, ...qr } = await front.next('qr_issued')
    front.hello()
    const snapshot = await front.next('snapshot')
    assert.equal(snapshot.phase, 'qr')
    assert.deepEqual(snapshot.qr, qr)
  })

  test('one code follows the other, and the connector exits after the last one', async t => {
    const sandbox = await startSandbox(t)
    const { front, connector } = await openUnpairedSession(t, sandbox, { MOTTE_QR_LIFETIME: '0.2' })
    await front.next('qrs_exhausted')
    assert.deepEqual(await connector.exit(), { code: 0, signal: null })
    const ordinals = front.heard
      .filter(({ event }) => event === 'qr_issued')
      .map(({ ordinal, lifetime }) => [ordinal, lifetime])
    assert.deepEqual(
      ordinals,
      [1, 2, 3, 4, 5, 6].map(ordinal => [ordinal, 0.2])
    )
  })

  test('kill -9 between the scan and the login loses no pairing', async t => {
    const sandbox = await startSandbox(t)
    const { session, front, connector: first } = await openUnpairedSession(t, sandbox)
    await sandbox.scan((await front.qr()).payload)
    first.child.kill('SIGKILL')
    await first.exit()
    startConnector(t, session, sandbox.environment)
    await front.meet()
    assert.equal((await front.next('opened')).phoneNumber, '15551234567')
  })

  test('after a kill -9 in the middle of a scan, phone and connector agree on the link', async t => {
    const sandbox = await startSandbox(t)
    const { session, front, connector: first } = await openUnpairedSession(t, sandbox)
    void sandbox.scan((await front.qr()).payload).catch(() => {})
    await front.next('paired')
    first.child.kill('SIGKILL')
    await first.exit()
    const { devices } = await sandbox.state()
    startConnector(t, session, sandbox.environment)
    await front.meet(1)
    await front.next(devices.length > 0 ? 'opened' : 'logged_out')
  })

  test('a connection that is cut right after the scan leads to a restart too', async t => {
    const sandbox = await startSandbox(t)
    await sandbox.faults({ dropAfterScan: true })
    const { session, front, connector: first } = await openUnpairedSession(t, sandbox)
    await sandbox.scan((await front.qr()).payload).catch(() => {})
    await front.next('paired')
    assert.deepEqual(await first.exit(), { code: 75, signal: null })
    startConnector(t, session, sandbox.environment)
    await front.meet(1)
    await front.next('opened')
  })

  test('an event that the front did not acknowledge is sent again with its number', async t => {
    const sandbox = await startSandbox(t)
    const { front } = await openPairedSession(t, sandbox)
    front.hello(1) // the front holds the first event, so that is not sent again
    const { seq, epoch } = await front.next('opened')
    assert.deepEqual([seq, epoch], [2, 2])
    front.say({ command: 'ack', seq: 2 })
    const known = front.heard.length
    front.hello(1)
    await front.next('snapshot')
    assert.deepEqual(
      front.heard
        .slice(known + 1)
        .map(({ event }) => event)
        .filter(event => event === 'opened'),
      []
    )
  })
})

describe('pairing by code', { concurrency: 2 }, () => {
  test('a code typed on the phone pairs', async t => {
    const sandbox = await startSandbox(t)
    const { session, front, connector: first } = await openUnpairedSession(t, sandbox)
    front.say({ command: 'pair_by_code', request: 'r1', phoneNumber: '15551234567' })
    const issued = await front.next('pairing_code_issued')
    assert.equal(issued.request, 'r1')
    assert.match(issued.code, /^[A-Z0-9]{8}$/)
    assert.ok(issued.lifetime > 200 && issued.lifetime <= 210, String(issued.lifetime))
    await sandbox.typeCode('15551234567', issued.code)
    await front.next('paired')
    assert.equal((await first.exit()).code, 75)
    startConnector(t, session, sandbox.environment)
    await front.meet(1)
    await front.next('opened')
  })

  test('after a code that nobody typed the next start shows a QR that can be scanned', async t => {
    const sandbox = await startSandbox(t)
    const { session, front, connector: first } = await openUnpairedSession(t, sandbox)
    front.say({ command: 'pair_by_code', request: 'r1', phoneNumber: '15551234567' })
    await front.next('pairing_code_issued')
    front.say({ command: 'close' })
    assert.equal((await first.exit()).code, 0)
    startConnector(t, session, sandbox.environment)
    await front.meet()
    await sandbox.scan((await front.qr()).payload)
    await front.next('paired')
  })

  test('a request is refused where the socket ends before its first code', async t => {
    const sandbox = await startSandbox(t)
    await sandbox.faults({ delayRefs: 5 })
    const { front } = await openUnpairedSession(t, sandbox)
    front.say({ command: 'pair_by_code', request: 'r1', phoneNumber: '15551234567' })
    while ((await sandbox.state()).registrations === 0) await new Promise(next => setTimeout(next, 10))
    await sandbox.drop()
    const refused = await front.next('pairing_code_refused')
    assert.equal(refused.request, 'r1')
    assert.equal(typeof refused.reason.code, 'string')
  })

  test('a code that WhatsApp refuses is none', async t => {
    const sandbox = await startSandbox(t)
    await sandbox.faults({ codeError: 400 })
    const { front } = await openUnpairedSession(t, sandbox)
    front.say({ command: 'pair_by_code', request: 'r1', phoneNumber: '15551234567' })
    const { reason } = await front.next('pairing_code_refused')
    assert.deepEqual(reason, { code: 'no-pairing-code', detail: 'WhatsApp gave no pairing code: 400 refused' })
    await sandbox.faults({ codeError: 429 })
    front.say({ command: 'pair_by_code', request: 'r2', phoneNumber: '15551234567' })
    assert.equal((await front.next('pairing_code_refused')).reason.code, 'whatsapp-rate-limited')
  })

  test('two numbers at once get a code each, and the newer one pairs', async t => {
    const sandbox = await startSandbox(t)
    const { front } = await openUnpairedSession(t, sandbox)
    front.say({ command: 'pair_by_code', request: 'r1', phoneNumber: '15551234567' })
    front.say({ command: 'pair_by_code', request: 'r2', phoneNumber: '4915112345678' })
    const [first, second] = [await front.next('pairing_code_issued'), await front.next('pairing_code_issued')]
    assert.deepEqual([first.request, second.request], ['r1', 'r2'])
    assert.notEqual(first.code, second.code)
    await sandbox.typeCode('4915112345678', second.code)
    assert.equal((await front.next('paired')).phoneNumber, '4915112345678')
  })

  test('a code outlives the last QR code, and pairs then', async t => {
    const { sandbox, session, front, connector } = await showLastCode(t)
    front.say({ command: 'pair_by_code', request: 'r1', phoneNumber: '15551234567' })
    const { code } = await front.next('pairing_code_issued')
    const { until } = await front.next('pairing_code_awaited')
    assert.ok(until - uptime() > 200 && until - uptime() <= 210)
    front.hello()
    const { phase, qr, pairingCodeUntil } = await front.next('snapshot')
    assert.deepEqual({ phase, qr, pairingCodeUntil }, { phase: 'pairing_code', qr: null, pairingCodeUntil: until })
    await sandbox.typeCode('15551234567', code)
    await front.next('paired')
    assert.equal((await connector.exit()).code, 75)
    startConnector(t, session, sandbox.environment)
    await front.meet(1)
    await front.next('opened')
  })

  test('a code that nobody typed ends with its socket, and the connector is asleep', async t => {
    const { front, connector } = await showLastCode(t, { unpairedLifetime: 2.5 })
    front.say({ command: 'pair_by_code', request: 'r1', phoneNumber: '15551234567' })
    await front.next('pairing_code_awaited')
    assert.equal(front.heard.filter(({ event }) => event === 'qrs_exhausted').length, 0)
    await front.next('qrs_exhausted')
    assert.deepEqual(await connector.exit(), { code: 0, signal: null })
  })

  test('a code that is refused after the last QR code leaves nothing to wait for', async t => {
    const { sandbox, front, connector } = await showLastCode(t)
    await sandbox.faults({ codeError: 429 })
    front.say({ command: 'pair_by_code', request: 'r1', phoneNumber: '15551234567' })
    await front.next('pairing_code_refused')
    await front.next('qrs_exhausted')
    assert.deepEqual(await connector.exit(), { code: 0, signal: null })
  })

  test('a code that WhatsApp withdraws is reported, and the next one pairs', async t => {
    const sandbox = await startSandbox(t)
    const { front, connector } = await openUnpairedSession(t, sandbox)
    front.say({ command: 'pair_by_code', request: 'r1', phoneNumber: '15551234567' })
    await front.next('pairing_code_issued')
    await sandbox.refreshCode('15551234567')
    await front.next('pairing_code_withdrawn')
    front.say({ command: 'pair_by_code', request: 'r2', phoneNumber: '15551234567' })
    await sandbox.typeCode('15551234567', (await front.next('pairing_code_issued')).code)
    await front.next('paired')
    assert.equal((await connector.exit()).code, 75)
  })

  test('a code that WhatsApp withdraws after the last QR code leaves nothing to wait for', async t => {
    const { sandbox, front, connector } = await showLastCode(t)
    front.say({ command: 'pair_by_code', request: 'r1', phoneNumber: '15551234567' })
    await front.next('pairing_code_awaited')
    await sandbox.refreshCode('15551234567')
    await front.next('pairing_code_withdrawn')
    await front.next('qrs_exhausted')
    assert.deepEqual(await connector.exit(), { code: 0, signal: null })
  })

  test('a second set of QR codes replaces the first', async t => {
    const sandbox = await startSandbox(t)
    await sandbox.faults({ resendRefs: 0.5 })
    await sandbox.settings({ qrLifetimes: [1], refs: 3 })
    const { front } = await openUnpairedSession(t, sandbox, { MOTTE_QR_LIFETIME: '1' })
    const first = await front.next('qr_issued')
    const [second, third] = [await front.next('qr_issued'), await front.next('qr_issued')]
    assert.ok(second.issuedAt - first.issuedAt < 0.9)
    assert.ok(third.issuedAt - second.issuedAt > 0.9)
    await assert.rejects(sandbox.scan(first.payload), /code-dead/)
    await sandbox.scan(third.payload)
  })

  test('a paired session is asked in vain', async t => {
    const { front } = await openPairedSession(t, await startSandbox(t))
    front.say({ command: 'pair_by_code', request: 'r1', phoneNumber: '15551234567' })
    assert.equal((await front.next('pairing_code_refused')).reason.code, 'already-paired')
  })
})

/**
 * A session that shows the last of its codes.
 * @param {import('node:test').TestContext} t
 * @param {object} [settings] of the sandbox
 */
async function showLastCode(t, settings = {}) {
  const sandbox = await startSandbox(t)
  await sandbox.settings({ qrLifetimes: [1], refs: 1, ...settings })
  const { session, front, connector } = await openUnpairedSession(t, sandbox, { MOTTE_QR_LIFETIME: '1' })
  await front.next('qr_issued')
  return { sandbox, session, front, connector }
}
