// @ts-check
/** Logins that WhatsApp refuses, through real pipes and a sandbox. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openPairedSession, startConnector, startSandbox } from '../../support/connector/harness.js'

describe('a paired connector', { concurrency: 3 }, () => {
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
})
