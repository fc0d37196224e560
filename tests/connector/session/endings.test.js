// @ts-check
/** Endings of connections, through real pipes and a sandbox: the event, and how the process goes on. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  openPairedSession,
  openUnpairedSession,
  startConnector,
  startSandbox
} from '../../support/connector/harness.js'

/** @typedef {import('node:test').TestContext} TestContext */

/**
 * The last event and the exit code of an unpaired connector under a fault.
 * @param {TestContext} t
 * @param {object} faults
 * @param {Record<string, string>} [environment]
 */
async function failing(t, faults, environment = {}) {
  const sandbox = await startSandbox(t)
  await sandbox.faults(faults)
  const { front, connector } = await openUnpairedSession(t, sandbox, { ...environment })
  const { reason, retryIn, seq } = await front.next('closed')
  return { reason, retryIn, seq, exit: await connector.exit() }
}

/** One that hangs has the harness's limit. @type {[what: string, faults: object, code: string][]} */
const UNPAIRED = [
  ['an HTTP error at the upgrade', { upgradeStatus: 503 }, 'whatsapp-unreachable'],
  ['a connection that is destroyed at once', { refuse: true }, 'whatsapp-unreachable'],
  ['an upgrade that is never answered', { hangUpgrade: true }, 'whatsapp-unreachable'],
  ['a hello that is never answered', { hangHandshake: true }, 'whatsapp-unreachable'],
  ['a half-dead peer', { halfDead: true }, 'whatsapp-unreachable'],
  ['a server without codes', { noRefs: true }, 'no-codes'],
  ['a server that falls silent', { mute: true }, 'no-codes'],
  ['a frame that cannot be decrypted', { garbageAfterHandshake: true }, 'connection-lost'],
  ['a stanza that is a deflate bomb', { deflateBomb: true }, 'connection-lost'],
  ['a foreign root', { foreignRoot: true }, 'certificate-rejected'],
  ['a certificate that is out of date', { outdatedCertificate: true }, 'certificate-outdated'],
  ['a registration that fails with 401', { registrationFailure: 401 }, 'whatsapp-refused'],
  ['a registration that fails with 429', { registrationFailure: 429 }, 'whatsapp-rate-limited'],
  ['a version that is too old', { versionRejected: true }, 'version-rejected']
]

describe('an unpaired connector ends, saying why, on', { concurrency: 5 }, () => {
  for (const [what, faults, code] of UNPAIRED) {
    test(what, async t => {
      const { reason, retryIn, exit } = await failing(t, faults)
      assert.equal(reason.code, code)
      assert.equal(retryIn, null)
      assert.deepEqual(exit, { code: 0, signal: null })
    })
  }

  test('a port without a listener', async t => {
    const { reason, exit } = await failing(t, {}, { MOTTE_WHATSAPP_URL: 'ws://127.0.0.1:9/ws/chat' })
    assert.equal(reason.code, 'whatsapp-unreachable')
    assert.match(reason.detail, /it refuses the connection/)
    assert.equal(exit.code, 0)
  })

  test('a connection that is cut while its code is shown', async t => {
    const sandbox = await startSandbox(t)
    const { front, connector } = await openUnpairedSession(t, sandbox)
    await front.qr()
    await sandbox.drop()
    assert.equal((await front.next('closed')).reason.code, 'connection-lost')
    assert.equal((await connector.exit()).code, 0)
  })

  test('an account that must confirm with a passkey', async t => {
    const sandbox = await startSandbox(t)
    await sandbox.faults({ passkey: true })
    const { front, connector } = await openUnpairedSession(t, sandbox)
    void sandbox.scan((await front.qr()).payload).catch(() => {})
    const { reason, retryIn } = await front.next('closed')
    assert.deepEqual([reason.code, retryIn], ['passkey-required', null])
    assert.equal((await connector.exit()).code, 0)
  })

  test('a registration of an account that is banned for a time, with how long it lasts', async t => {
    const sandbox = await startSandbox(t)
    await sandbox.faults({ registrationFailure: { reason: 402, code: 103, expire: 7200 } })
    const { front, connector } = await openUnpairedSession(t, sandbox)
    const { reason, retryIn, waitFor } = await front.next('closed')
    assert.deepEqual([reason.code, retryIn, waitFor], ['account-restricted', null, 7200])
    assert.equal((await connector.exit()).code, 0)
  })

  test('a stream error while its code is shown, which unlinks nothing', async t => {
    const sandbox = await startSandbox(t)
    const { front, connector } = await openUnpairedSession(t, sandbox)
    await front.qr()
    await sandbox.breakOff('device_removed')
    const { reason } = await front.next('closed')
    assert.equal(reason.code, 'whatsapp-refused')
    assert.doesNotMatch(reason.detail, /unlink/)
    assert.equal((await connector.exit()).code, 0)
  })

  test('a scan with a forged signature', async t => {
    const sandbox = await startSandbox(t)
    await sandbox.faults({ forgedAccountSignature: true })
    const { front, connector } = await openUnpairedSession(t, sandbox)
    void sandbox.scan((await front.qr()).payload).catch(() => {})
    assert.equal((await front.next('closed')).reason.code, 'bad-session')
    assert.equal((await connector.exit()).code, 0)
    assert.ok(!front.heard.some(({ event }) => event === 'paired'))
  })
})

test('after a scan by a phone that cannot have linked devices, another phone can scan the same code', async t => {
  const sandbox = await startSandbox(t)
  await sandbox.faults({ singleDevice: true })
  const { front, connector } = await openUnpairedSession(t, sandbox)
  const { payload } = await front.qr()
  await assert.rejects(sandbox.scan(payload))
  assert.equal((await front.next('scan_refused')).reason.code, 'multidevice-mismatch')
  await sandbox.faults({})
  await sandbox.scan(payload)
  await front.next('paired')
  assert.equal((await connector.exit()).code, 75)
})

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

  /** @type {[number, string, boolean][]} */
  const LOGIN_FAILURES = [
    [400, 'whatsapp-refused', true],
    [401, 'logged-out', false],
    [403, 'account-banned', false],
    [405, 'version-rejected', true],
    [409, 'client-rejected', true],
    [429, 'whatsapp-rate-limited', true],
    [500, 'whatsapp-unavailable', true],
    [503, 'whatsapp-unavailable', true]
  ]
  for (const [status, code, comesBack] of LOGIN_FAILURES) {
    test(`whose login fails with ${status} says ${code}`, async t => {
      const sandbox = await startSandbox(t)
      const { front, connector } = await openPairedSession(t, sandbox)
      await sandbox.faults({ loginFailure: status })
      await sandbox.drop()
      await front.next('closed')
      const { reason, retryIn } = await front.next(code === 'logged-out' ? 'logged_out' : 'closed')
      assert.equal(reason.code, code)
      assert.equal(typeof retryIn === 'number', comesBack)
      if (!comesBack) assert.equal((await connector.exit()).code, 0)
    })
  }

  test('that is banned for a time says until when, connects again then and keeps its credentials', async t => {
    const sandbox = await startSandbox(t)
    const { front } = await openPairedSession(t, sandbox)
    await sandbox.faults({ loginFailure: { value: { reason: 402, code: 101, expire: 3 }, times: 1 } })
    await sandbox.drop()
    await front.next('closed')
    const { reason, retryIn, waitFor } = await front.next('closed')
    assert.deepEqual([reason.code, retryIn, waitFor], ['account-restricted', 3, 3])
    assert.match(reason.detail, /until 20\d\d-\d\d-\d\dT[\d:.]+Z, too many messages to people/)
    await front.next('opened')
  })

  test('that WhatsApp locks keeps its credentials and the words of WhatsApp', async t => {
    const sandbox = await startSandbox(t)
    const { session, front, connector, settings } = await openPairedSession(t, sandbox)
    const texts = { logout_message_header: 'Logged out', logout_message_subtext: 'Open WhatsApp on the phone' }
    await sandbox.faults({ loginFailure: { reason: 403, ...texts } })
    await sandbox.drop()
    await front.next('closed')
    assert.match(
      (await front.next('closed')).reason.detail,
      /WhatsApp says "Logged out \/ Open WhatsApp on the phone"$/
    )
    await connector.exit()
    await sandbox.faults({})
    startConnector(t, session, settings)
    await front.meet(4, { account: '15551234567' })
    await front.next('opened')
  })

  test('whose certificate is out of date names the clock of this host and tries again', async t => {
    const sandbox = await startSandbox(t)
    const { front } = await openPairedSession(t, sandbox)
    await sandbox.faults({ outdatedCertificate: true })
    await sandbox.drop()
    await front.next('closed')
    const { reason, retryIn } = await front.next('closed')
    assert.equal(reason.code, 'certificate-outdated')
    assert.match(reason.detail, /by|clock/)
    assert.ok(reason.detail.includes(new Date().toISOString().slice(0, 10)), reason.detail)
    assert.ok(retryIn > 50 && retryIn < 70, String(retryIn))
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
