// @ts-check
/** Versions of WhatsApp Web in the sandbox: its check of them, and the newest one that it names. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LINK, openPairedSession, openUnpairedSession, startSandbox } from '../../support/connector/harness.js'

const [OLD, GOOD, NEWER] = ['2.3000.1043857760', '2.3000.1049950004', '2.3000.1052000000']

test('a registration below the minimum is refused with 405, and one at it gets codes', async t => {
  const sandbox = await startSandbox(t)
  await sandbox.faults({ minimumVersion: GOOD })
  for (const [version, event] of [
    [OLD, 'closed'],
    [GOOD, 'qr_issued'],
    [NEWER, 'qr_issued']
  ]) {
    const { front } = await openUnpairedSession(t, sandbox, {}, { link: { ...LINK, version } })
    const said = await front.next(event)
    assert.equal(said.version, version)
    if (event === 'closed') assert.deepEqual([said.reason.code, said.retryIn], ['version-rejected', null])
  }
  assert.equal((await sandbox.state()).registrations, 3)
})

test('a login below the minimum waits for another version, and takes it without a scan', async t => {
  const sandbox = await startSandbox(t)
  const { front, connector } = await openPairedSession(t, sandbox)
  const { logins } = await sandbox.state()
  await sandbox.faults({ minimumVersion: GOOD })
  front.say({ command: 'set_link', link: { ...LINK, version: OLD } })
  await sandbox.drop()
  await front.next('closed')
  const { reason, retryIn, version } = await front.next('closed')
  assert.deepEqual([reason.code, version], ['version-rejected', OLD])
  assert.ok(retryIn >= 3600)
  front.say({ command: 'set_link', link: { ...LINK, version: GOOD } })
  assert.equal((await front.next('opened')).version, GOOD)
  assert.equal((await sandbox.state()).logins, logins + 2)
  assert.equal(connector.child.exitCode, null)
})

test('the service worker names the revision that the control port has set', async t => {
  const sandbox = await startSandbox(t)
  const site = sandbox.environment.MOTTE_WHATSAPP_URL.replace('ws:', 'http:').replace('/ws/chat', '/sw.js')
  assert.equal((await fetch(site)).status, 404)
  await sandbox.settings({ clientRevision: 1052000000 })
  assert.match(await (await fetch(site)).text(), /\\"client_revision\\":1052000000,/)
  await assert.rejects(sandbox.settings({ clientRevision: 'new' }), /clientRevision must be a positive whole number/)
  await assert.rejects(sandbox.faults({ minimumVersion: '2.3000' }), /minimumVersion/)
})
