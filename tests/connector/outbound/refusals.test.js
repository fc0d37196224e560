// @ts-check
/** Messages that fail: WhatsApp refuses them, or nothing can be sent. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSent } from '../../../connector/outbound/sent.js'
import { openOutbound } from '../../../connector/outbound/outbound.js'
import { createLog } from '../../../connector/process/logger.js'
import { openCredentials } from '../../../connector/storage/credentials.js'
import { openConnectorDatabase } from '../../../connector/storage/database.js'
import { openAccount, until } from '../../support/connector/account.js'
import { makeSession, startSandbox } from '../../support/connector/harness.js'
import { CHAT, CONTACT, inboxOf, moved, movesOf, send } from '../../support/connector/sends.js'

const SILENT = { send() {}, spool() {}, deliver() {} }
const LOG = createLog({}, () => {})

for (const [error, code, event] of /** @type {[number, string, string?][]} */ ([
  [463, 'restricted', 'restricted'],
  [475, 'new-chat-limit', 'new-chat-limit'],
  [400, 'rejected']
])) {
  test(`a text that WhatsApp refuses with ${error} fails as ${code}, and is not sent again`, async t => {
    const sandbox = await startSandbox(t)
    const account = await openAccount(t, sandbox)
    // What the account may do is asked after 463. An error leaves it open until when it is restricted.
    await sandbox.faults({ messageError: { value: error, times: 1 }, queryError: { kind: 'w:mex', code: 400 } })
    const command = send({ kind: 'text', text: 'Hello' })
    account.say(command)
    const { reason, attempts } = await moved(account, command.id, 'failed')
    assert.deepEqual([reason.code, attempts], [code, 1])
    if (event) {
      const { code: said } = await until(() => account.named('restricted')[0])
      assert.equal(said, event)
    }
    account.say({ ...command, again: true })
    await until(() => movesOf(account, command.id).length === 2)
    assert.deepEqual(await inboxOf(sandbox), [])
  })
}

test('the front hears until when the account is restricted, after a refusal and when WhatsApp says so', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  const until463 = Math.floor(Date.now() / 1000) + 3600
  await sandbox.faults({ reachoutTimelock: { until: until463 } })
  const command = send({ kind: 'text', text: 'Hello' })
  account.say(command)
  assert.equal((await moved(account, command.id, 'failed')).reason.code, 'restricted')
  await until(() => account.named('restricted').length === 1)
  await sandbox.notify('reachout-timelock')
  await until(() => account.named('restricted').length === 2)
  assert.deepEqual(
    account.named('restricted').map(restricted => [restricted.code, restricted.until]),
    Array(2).fill(['restricted', until463 * 1000])
  )
})

test('a text to a number without an account fails, and the own phone shows nothing', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  await sandbox.settings({ unknownNumbers: [CONTACT] })
  const command = send({ kind: 'text', text: 'Hello' })
  account.say(command)
  assert.equal((await moved(account, command.id, 'failed')).reason.code, 'no-device')
  account.say({ command: 'ask', request: 'r', what: 'contact', number: CONTACT })
  const { result } = await until(() => account.sent.find(({ event }) => event === 'answered'))
  assert.deepEqual(result, { number: CONTACT, exists: false, jid: null, lid: null, name: null })
  assert.deepEqual((await sandbox.phone('15551234567')).inbox, [])
})

test('a text that WhatsApp refuses with 479 is sent once more with new sessions; a second time, it fails', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  await sandbox.faults({ messageError: { value: 479, times: 3 } })
  const [refused, taken] = [send({ kind: 'text', text: 'one' }), send({ kind: 'text', text: 'two' })]
  account.say(refused)
  const { reason, attempts } = await moved(account, refused.id, 'failed')
  assert.deepEqual([reason.code, attempts], ['rejected', 2])
  account.say(taken)
  assert.equal((await moved(account, taken.id, 'sent')).attempts, 2)
  await moved(account, taken.id, 'delivered')
  assert.deepEqual(await inboxOf(sandbox), [[taken.id, 'two']])
})

test('a message that this version cannot send has failed, and says so as often as it is handed over', t => {
  const database = openConnectorDatabase(makeSession(t).folder)
  t.after(() => database.close())
  /** @type {any[]} */
  const heard = []
  const front = { ...SILENT, spool: (/** @type {object} */ event) => void heard.push(event) }
  const outbound = openOutbound(database, openCredentials(database), () => front, { log: LOG })
  for (let n = 0; n < 2; n++) outbound.refuse({ id: 'A', chat: CHAT })
  assert.deepEqual(
    heard.map(({ id, chat, status, reason }) => [id, chat, status, reason.code]),
    Array(2).fill(['A', CHAT, 'failed', 'rejected'])
  )
  assert.ok(outbound.isIdle())
})

test('a message that cannot be built is refused from its first write: a kill after any leaves nothing to relay', t => {
  const database = openConnectorDatabase(makeSession(t).folder)
  t.after(() => database.close())
  let writes = 0
  const watched = {
    ...database,
    soon: (/** @type {() => any} */ work, /** @type {() => void} */ afterwards) => {
      database.soon(work, afterwards)
      writes += 1
      assert.deepEqual(database.connection.prepare('SELECT id FROM sent WHERE state = 0').all(), [])
    }
  }
  const outbound = openOutbound(/** @type {any} */ (watched), openCredentials(database), () => SILENT, { log: LOG })
  outbound.refuse({ id: 'A', chat: CHAT })
  assert.ok(writes > 0)
  assert.equal(openSent(database).find('A')?.reason?.code, 'rejected')
})

test('a message whose text is gone before WhatsApp has confirmed it is in doubt, and is relayed to nobody', async t => {
  const database = openConnectorDatabase(makeSession(t).folder)
  t.after(() => database.close())
  /** @type {any[]} */
  const heard = []
  const front = { ...SILENT, spool: (/** @type {object} */ event) => void heard.push(event) }
  const outbound = openOutbound(database, openCredentials(database), () => front, { log: LOG })
  openSent(database).prepare({ id: 'A', chat: CHAT, message: new Uint8Array(), at: 1 })
  assert.equal(await outbound.config.getMessage({ id: 'A', remoteJid: CHAT }), undefined)
  outbound.take(/** @type {any} */ (send({ kind: 'text', text: 'Hello' }, { id: 'A', again: true, onDoubt: 'fail' })))
  assert.deepEqual(
    heard.map(({ id, status, reason }) => [id, status, reason.code]),
    [['A', 'failed', 'in-doubt']]
  )
  assert.ok(outbound.isIdle())
})
