// @ts-check
/** Credentials are used only with the server that they were linked with. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { openServerIdentity, WHATSAPP_ROOT_KEY } from '../../../connector/session/server_identity.js'
import { openPairedSession, startConnector, startSandbox } from '../../support/connector/harness.js'

const ANN = '15551234567'

/** Facts that last as long as the test. @param {Record<string, string>} [stored] */
function memory(stored = {}) {
  const facts = new Map(Object.entries(stored))
  return {
    facts: {
      get: (/** @type {string} */ name) => facts.get(name),
      set: (/** @type {string} */ name, /** @type {any} */ value) => void facts.set(name, value)
    }
  }
}

test('the real WhatsApp has one name, with and without a root key in the settings', () => {
  assert.equal(WHATSAPP_ROOT_KEY.toString('hex'), '142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b')
  assert.equal(openServerIdentity(memory(), { rootKey: undefined }).current, 'whatsapp')
  assert.equal(openServerIdentity(memory(), { rootKey: Buffer.from(WHATSAPP_ROOT_KEY) }).current, 'whatsapp')
  assert.equal(openServerIdentity(memory(), { rootKey: Buffer.alloc(32, 0xab) }).current, 'ab'.repeat(32))
})

test('credentials without a server belong to the real WhatsApp', () => {
  const database = memory()
  const server = openServerIdentity(database, { rootKey: Buffer.alloc(32, 0xab) })
  assert.equal(server.linked(), 'whatsapp')
  server.remember()
  assert.equal(server.linked(), 'ab'.repeat(32))
})

test('a connector whose settings name another server opens no socket and keeps the credentials', async t => {
  const [linked, other] = [await startSandbox(t), await startSandbox(t, '--root-seed', 'another')]
  const { session, front, connector } = await openPairedSession(t, linked)
  connector.child.kill('SIGTERM')
  await connector.exit()

  const lost = startConnector(t, session, other.environment)
  await front.meet(2, { epoch: 2, account: ANN })
  assert.equal((await lost.exit()).code, 81)
  assert.match(lost.output.stderr, /level=error .*event=other_server/)
  const { registrations, logins, connections } = await other.state()
  assert.deepEqual([registrations, logins, connections?.length ?? 0], [0, 0, 0])

  const back = startConnector(t, session, linked.environment)
  await front.meet(2, { epoch: 3, account: ANN })
  await front.next('opened')
  back.child.kill('SIGTERM')
  await back.exit()
})

test('credentials of an earlier version are not used with a test server', async t => {
  const sandbox = await startSandbox(t)
  const { session, front, connector } = await openPairedSession(t, sandbox)
  connector.child.kill('SIGTERM')
  await connector.exit()
  const database = new DatabaseSync(join(session.folder, 'connector.db'))
  database.exec("DELETE FROM facts WHERE name = 'server'")
  database.close()
  const { logins } = await sandbox.state()

  const refused = startConnector(t, session, sandbox.environment)
  await front.meet(2, { epoch: 2, account: ANN })
  assert.equal((await refused.exit()).code, 81)
  assert.equal((await sandbox.state()).logins, logins)
})

test('an unpaired connector belongs to no server and registers anywhere', async t => {
  const [first, other] = [await startSandbox(t), await startSandbox(t, '--root-seed', 'another')]
  const { session, front, connector } = await openPairedSession(t, first)
  front.say({ command: 'logout' })
  await front.next('logged_out')
  await connector.exit()
  const again = startConnector(t, session, other.environment)
  await front.meet(4, { epoch: 3 })
  await other.scan((await front.qr()).payload)
  await again.exit()
  const database = new DatabaseSync(join(session.folder, 'connector.db'), { readOnly: true })
  const stored = database.prepare("SELECT value FROM facts WHERE name = 'server'").get()?.value
  database.close()
  assert.equal(stored, other.environment.MOTTE_WHATSAPP_ROOT_KEY)
})
