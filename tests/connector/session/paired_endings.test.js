// @ts-check
/** Endings of a paired session's connections, through real pipes and a sandbox: the event, and how the process goes on. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  openPairedSession,
  openUnpairedSession,
  startConnector,
  startSandbox
} from '../../support/connector/harness.js'

describe('a paired connector', { concurrency: 3 }, () => {
  test('comes back by itself when the connection is cut', async t => {
    const sandbox = await startSandbox(t)
    const { front } = await openPairedSession(t, sandbox)
    await sandbox.drop()
    const { reason, retryIn } = await front.next('closed')
    assert.equal(reason.code, 'connection-lost')
    assert.ok(retryIn >= 0.9 && retryIn <= 1.1, String(retryIn))
    front.hello(3)
    assert.equal((await front.next('snapshot')).phase, 'reconnecting')
    const opened = await front.next('opened')
    assert.deepEqual([opened.seq, opened.epoch], [4, 2])
  })

  test('loses its connection, not its process, to a deflate bomb', async t => {
    const sandbox = await startSandbox(t)
    const { front, connector } = await openPairedSession(t, sandbox)
    await sandbox.faults({ deflateBomb: { value: true, times: 1 } })
    await sandbox.drop()
    await front.next('closed')
    const { reason, retryIn } = await front.next('closed')
    assert.equal(reason.detail, 'the connection to WhatsApp was lost: a frame could not be read')
    assert.ok(retryIn > 1, String(retryIn))
    assert.equal((await front.next('opened')).epoch, 2)
    assert.match(connector.output.stderr, /event=frame_unreadable error=RangeError/)
    assert.doesNotMatch(connector.output.stderr, /level=error/)
  })

  test('waits longer after each failure', async t => {
    const sandbox = await startSandbox(t)
    const { front } = await openPairedSession(t, sandbox)
    await sandbox.faults({ refuse: true })
    await sandbox.drop()
    const delays = [await front.next('closed'), await front.next('closed'), await front.next('closed')].map(
      ({ retryIn }) => retryIn
    )
    assert.deepEqual(delays.map(Math.round), [1, 2, 4])
  })

  test('that is unlinked wipes its credentials, reports it and ends', async t => {
    const sandbox = await startSandbox(t)
    const { session, front, connector, settings } = await openPairedSession(t, sandbox)
    await sandbox.unlink('15551234567')
    assert.equal((await front.next('logged_out')).reason.code, 'logged-out')
    assert.deepEqual(await connector.exit(), { code: 0, signal: null })
    startConnector(t, session, settings)
    await front.meet(3)
    await front.qr()
  })

  test('that gets a logout informs WhatsApp, wipes its credentials and ends', async t => {
    const sandbox = await startSandbox(t)
    const { front, connector } = await openPairedSession(t, sandbox)
    front.say({ command: 'logout' })
    assert.equal((await front.next('logged_out')).reason.code, 'asked')
    assert.equal((await connector.exit()).code, 0)
    assert.deepEqual((await sandbox.state()).devices, [])
  })

  test('that gets a logout between two sockets connects to inform WhatsApp', async t => {
    const sandbox = await startSandbox(t)
    const { front, connector } = await openPairedSession(t, sandbox)
    await sandbox.drop()
    await front.next('closed')
    front.say({ command: 'logout' })
    assert.equal((await front.next('logged_out')).reason.code, 'asked')
    assert.equal((await connector.exit()).code, 0)
    assert.deepEqual((await sandbox.state()).devices, [])
  })

  test('that gets a logout while WhatsApp cannot be reached wipes its credentials without it', async t => {
    const sandbox = await startSandbox(t)
    const { front, connector } = await openPairedSession(t, sandbox)
    await sandbox.faults({ refuse: true })
    await sandbox.drop()
    await front.next('closed')
    front.say({ command: 'logout' })
    assert.equal((await front.next('logged_out')).reason.code, 'asked-unconfirmed')
    assert.equal((await connector.exit()).code, 0)
  })

  test('that gets a logout while WhatsApp does not answer wipes its credentials without it', async t => {
    const sandbox = await startSandbox(t)
    const { front, connector } = await openPairedSession(t, sandbox)
    await sandbox.faults({ mute: true })
    front.say({ command: 'logout' })
    assert.equal((await front.next('logged_out')).reason.code, 'asked-unconfirmed')
    assert.equal((await connector.exit()).code, 0)
  })

  test('ignores a close', async t => {
    const { front, connector } = await openPairedSession(t, await startSandbox(t))
    front.say({ command: 'close' })
    front.hello(2)
    assert.equal((await front.next('snapshot')).phase, 'open')
    assert.equal(connector.child.exitCode, null)
  })

  /** @type {[string, string][]} */
  const STREAM_ERRORS = [
    ['ack', 'stream-reset'],
    ['xml-not-well-formed', 'stream-reset'],
    ['515', 'stream-reset'],
    ['516', 'device-removed'],
    ['401', 'device-removed']
  ]
  for (const [error, code] of STREAM_ERRORS) {
    test(`whose stream ends with ${error} says ${code} and is back at once`, async t => {
      const sandbox = await startSandbox(t)
      const { front } = await openPairedSession(t, sandbox)
      await sandbox.breakOff(error)
      const { reason, retryIn } = await front.next('closed')
      assert.equal(reason.code, code)
      assert.ok(retryIn < 2, String(retryIn))
      await front.next('opened')
    })
  }

  test('whose device is gone after a 516 learns it at its next login', async t => {
    const sandbox = await startSandbox(t)
    const { front, connector } = await openPairedSession(t, sandbox)
    await sandbox.faults({ loginFailure: 401 })
    await sandbox.breakOff('516')
    assert.equal((await front.next('closed')).reason.code, 'device-removed')
    assert.equal((await front.next('logged_out')).reason.code, 'logged-out')
    assert.equal((await connector.exit()).code, 0)
  })

  test('whose very first login is refused says that WhatsApp removed the device', async t => {
    const sandbox = await startSandbox(t)
    const { session, front, connector: first } = await openUnpairedSession(t, sandbox)
    await sandbox.faults({ loginFailure: 401 })
    await sandbox.scan((await front.qr()).payload)
    await first.exit()
    const second = startConnector(t, session, sandbox.environment)
    await front.meet(1)
    const { reason } = await front.next('logged_out')
    assert.equal(reason.code, 'removed-at-once')
    assert.match(reason.detail, /internet address/)
    assert.equal((await second.exit()).code, 0)
  })

  test('that another process has replaced does not connect again', async t => {
    const sandbox = await startSandbox(t)
    const { front, connector } = await openPairedSession(t, sandbox)
    await sandbox.faults({ streamErrorOnLogin: 'conflict' })
    await sandbox.drop()
    await front.next('closed')
    const { reason, retryIn } = await front.next('closed')
    assert.deepEqual([reason.code, retryIn], ['connection-replaced', null])
    assert.equal((await connector.exit()).code, 0)
  })
})
