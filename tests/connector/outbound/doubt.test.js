// @ts-check
/** Messages that WhatsApp may have: each is sent again under its id, or fails. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { proto } from '../../../connector/node_modules/baileys/lib/index.js'
import { openSent } from '../../../connector/outbound/sent.js'
import { openOutbound } from '../../../connector/outbound/outbound.js'
import { createLog } from '../../../connector/process/logger.js'
import { openCredentials } from '../../../connector/storage/credentials.js'
import { openAccount } from '../../support/connector/account.js'
import { startSandbox } from '../../support/connector/harness.js'
import { CHAT, CONTACT, inboxOf, moved, movesOf, send } from '../../support/connector/sends.js'

const SILENT = { send() {}, spool() {}, deliver() {} }
const LOG = createLog({}, () => {})

test('a text that WhatsApp may have is in doubt once its time is over, and is not sent again', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  const command = send({ kind: 'text', text: 'Hello' }, { again: true, until: 1 })
  const message = proto.Message.encode({ conversation: 'Hello' }).finish()
  openSent(account.database).prepare({ id: command.id, chat: CHAT, message, at: 1 })
  account.say(command)
  assert.equal((await moved(account, command.id, 'failed')).reason.code, 'in-doubt')
  assert.deepEqual(await inboxOf(sandbox), [])
})

test('a text that was taken before the link was cut is not sent again: a receipt that waited says so', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  await sandbox.faults({ dropAck: { value: { cut: true }, times: 1 } })
  const command = send({ kind: 'text', text: 'Hello' })
  account.say(command)
  await moved(account, command.id, 'delivered')
  assert.deepEqual(
    movesOf(account, command.id).map(({ status, attempts }) => [status, attempts]),
    [
      ['sent', 1],
      ['delivered', 1]
    ]
  )
  assert.equal((await sandbox.phone(CONTACT)).inbox[0].copies, 1)
})

test('a text that was not taken before the link was cut is sent again on the next link', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  await sandbox.faults({ dropMessage: { value: true, times: 2 } })
  const command = send({ kind: 'text', text: 'Hello' })
  account.say(command)
  assert.equal((await moved(account, command.id, 'sent')).attempts, 3)
  await moved(account, command.id, 'delivered')
  assert.deepEqual(await inboxOf(sandbox), [[command.id, 'Hello']])
})

test('a text that nobody confirms in time ends the link, and is sent again under its id; in doubt it may fail instead', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox, undefined, undefined, {
    timeouts: { ack: 0.5, relay: 20, groupRelay: 20 }
  })
  await sandbox.faults({ dropAck: { value: true, times: 2 } })
  const [again, failing] = ['resend', 'fail'].map(onDoubt =>
    send({ kind: 'text', text: onDoubt }, { onDoubt, chat: '15551234567@s.whatsapp.net' })
  )
  account.say(again)
  assert.equal((await moved(account, again.id, 'sent')).attempts, 3)
  assert.match(account.named('closed')[0].reason.detail, /did not confirm a message in time/)
  await sandbox.faults({ dropAck: { value: true, times: 1 } })
  account.say(failing)
  assert.equal((await moved(account, failing.id, 'failed')).reason.code, 'in-doubt')
  const { inbox } = await sandbox.phone('15551234567')
  assert.deepEqual(
    inbox.map((/** @type {any} */ { text }) => text),
    ['resend', 'fail']
  )
})

test('what was handed over before a restore is in doubt in each later process, until the account is gone', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  const beside = () => openOutbound(account.database, openCredentials(account.database), () => SILENT, { log: LOG })
  beside().forgetSessions()
  await account.again()
  const lost = send({ kind: 'text', text: 'one' }, { again: true, onDoubt: 'fail' })
  account.say(lost)
  assert.equal((await moved(account, lost.id, 'failed')).reason.code, 'in-doubt')
  const next = send({ kind: 'text', text: 'two' }, { onDoubt: 'fail' })
  account.say(next)
  await moved(account, next.id, 'delivered')
  assert.deepEqual(await inboxOf(sandbox), [[next.id, 'two']])
  const restored = () => account.database.facts.get('restored')
  assert.equal(restored(), 1)
  beside().wipe()
  assert.equal(restored(), 0)
})

test('a message that WhatsApp never confirms fails after eight relays', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  const command = send({ kind: 'text', text: 'Hello' })
  const { id, chat } = command
  const message = proto.Message.encode({ conversation: 'Hello' }).finish()
  const sent = openSent(account.database)
  for (const [name, attempts] of /** @type {[string, number][]} */ ([
    [id, 7],
    ['3EB0B', 8]
  ])) {
    sent.prepare({ id: name, chat, message, at: 1 })
    for (let n = 1; n < attempts; n++) sent.countAttempt(name)
    account.say({ ...command, id: name, again: true })
  }
  assert.equal((await moved(account, id, 'sent')).attempts, 8)
  assert.equal((await moved(account, '3EB0B', 'failed')).reason.code, 'in-doubt')
})
