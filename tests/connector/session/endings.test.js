// @ts-check
/** Endings of an unpaired session's connections, through real pipes and a sandbox: the event, and how the process goes on. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openUnpairedSession, startSandbox } from '../../support/connector/harness.js'

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
