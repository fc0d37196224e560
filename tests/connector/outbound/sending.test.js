// @ts-check
/** Messages that are sent: WhatsApp takes each, and the front hears what became of it. */

import assert from 'node:assert/strict'
import { uptime } from 'node:os'
import { test } from 'node:test'
import { openOutbound } from '../../../connector/outbound/outbound.js'
import { createLog } from '../../../connector/process/logger.js'
import { openCredentials } from '../../../connector/storage/credentials.js'
import { openAccount, until } from '../../support/connector/account.js'
import { startSandbox } from '../../support/connector/harness.js'
import { CHAT, CONTACT, inboxOf, moved, movesOf, send } from '../../support/connector/sends.js'

const SILENT = { send() {}, spool() {}, deliver() {} }
const LOG = createLog({}, () => {})

test('a text reaches the phone once, however often it is handed over; the front hears what became of it', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  const command = send({ kind: 'text', text: 'Hello' })
  account.say(command)
  account.say({ ...command, again: true })
  await moved(account, command.id, 'delivered')
  assert.deepEqual(
    movesOf(account, command.id).map(({ status, attempts, chat, chatLid }) => [status, attempts, chat, chatLid]),
    [
      ['sent', 1, CHAT, `${(await sandbox.phone(CONTACT)).lid}@lid`],
      ['delivered', 1, CHAT, `${(await sandbox.phone(CONTACT)).lid}@lid`]
    ]
  )
  account.say({ ...command, again: true })
  await until(() => movesOf(account, command.id).length === 4)
  assert.deepEqual(
    movesOf(account, command.id)
      .slice(2)
      .map(({ status }) => status),
    ['sent', 'delivered']
  )
  await account.again()
  account.say({ ...command, again: true })
  await until(() => movesOf(account, command.id).length === 6)
  assert.deepEqual(await inboxOf(sandbox), [[command.id, 'Hello']])
})

test('a text that comes while the link is down goes out once it is open', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  await sandbox.drop()
  await until(() => account.session().snapshot().phase === 'reconnecting')
  const command = send({ kind: 'text', text: 'Later' })
  account.say(command)
  await moved(account, command.id, 'delivered')
})

test('a text whose time is over before the link is open expires, and is never sent', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  await sandbox.drop()
  await until(() => account.session().snapshot().phase === 'reconnecting')
  const [lapsing, late] = [send({ kind: 'text', text: 'one' }), send({ kind: 'text', text: 'two' })]
  account.say({ ...lapsing, until: uptime() + 0.3 })
  account.say({ ...late, again: true, until: 1 })
  for (const { id } of [lapsing, late]) {
    const { reason, attempts } = await moved(account, id, 'failed')
    assert.deepEqual([reason.code, attempts], ['expired', 1])
  }
  const last = send({ kind: 'text', text: 'three' })
  account.say({ ...last, until: uptime() + 600 })
  await moved(account, last.id, 'delivered')
  assert.deepEqual(await inboxOf(sandbox), [[last.id, 'three']])
})

test('a text that comes late to an open link expires, and nobody sees that it was typed', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  const command = send({ kind: 'text', text: 'Hello' }, { until: 1, typing: 10 })
  account.say(command)
  assert.equal((await moved(account, command.id, 'failed')).reason.code, 'expired')
  assert.deepEqual(await inboxOf(sandbox), [])
})

test('a contact gets a privacy token with the first text, and none with the next', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  const tokens = () =>
    account.database.connection.prepare("SELECT id, value FROM credentials WHERE kind = 'tctoken' ORDER BY id").all()
  const [first, second] = ['one', 'two'].map(text => send({ kind: 'text', text }))
  account.say(first)
  const saved = await until(() => (tokens().length === 2 ? tokens() : null), 'the token')
  assert.match(String(saved[0].value), /senderTimestamp/)
  await sandbox.faults({ queryCut: { kind: 'set privacy tokens' } })
  account.say(second)
  await moved(account, second.id, 'delivered')
  assert.equal(account.named('closed').length, 0)
})

test('a text to a LID reaches the phone, and its chat keeps the name that the front gave it', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  const chat = `${(await sandbox.phone(CONTACT)).lid}@lid`
  const command = send({ kind: 'text', text: 'Hello' }, { chat })
  account.say(command)
  const move = await moved(account, command.id, 'delivered')
  assert.deepEqual([move.chat, move.chatLid], [chat, chat])
})

test('a warm chat asks WhatsApp for nothing before a text, also on the next link', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  const first = send({ kind: 'text', text: 'one' })
  account.say(first)
  await moved(account, first.id, 'delivered')
  await sandbox.faults({ silentQueries: ['get usync usync', 'get encrypt key'] })
  const second = send({ kind: 'text', text: 'two' })
  account.say(second)
  await moved(account, second.id, 'delivered')
})

test('a device that was linked meanwhile gets the texts after the one whose ack names other devices', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  const commands = ['one', 'two', 'three'].map(text => send({ kind: 'text', text }))
  account.say(commands[0])
  await moved(account, commands[0].id, 'delivered')
  const contact = await openAccount(t, sandbox, undefined, undefined, { phoneNumber: CONTACT })
  for (const command of commands.slice(1)) {
    account.say(command)
    await moved(account, command.id, 'delivered')
  }
  await until(() => contact.texts().includes('three'))
})

test('a device that asks for a text again gets it also after a restart, and nothing for one that is not kept', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  const command = send({ kind: 'text', text: 'Hello' })
  account.say(command)
  await moved(account, command.id, 'delivered')
  const { config } = openOutbound(account.database, openCredentials(account.database), () => SILENT, { log: LOG })
  const kept = await config.getMessage({ id: command.id, remoteJid: CHAT })
  assert.equal(kept?.extendedTextMessage?.text, 'Hello')
  assert.equal(await config.getMessage({ id: 'other', remoteJid: CHAT }), undefined)
})

for (const [kind, edit, text] of /** @type {const} */ ([
  ['edit', '1', 'Hello!'],
  ['revoke', '7', null]
])) {
  test(`a phone that cannot read an edit or a revoke gets it again with the attribute of the ${kind}`, async t => {
    const sandbox = await startSandbox(t)
    const account = await openAccount(t, sandbox)
    const first = send({ kind: 'text', text: 'Hello' })
    account.say(first)
    await moved(account, first.id, 'delivered')
    await sandbox.send({ text: 'an answer, so that conversations are open' })
    await until(() => account.texts().length === 1)
    await sandbox.forgetKeys(CONTACT)
    const target = { id: first.id, chat: CHAT, sender: '15551234567@s.whatsapp.net', fromMe: true }
    const command = send({ kind, target, ...(text && { text }) })
    account.say(command)
    await moved(account, command.id, 'delivered')
    const { inbox } = await sandbox.phone(CONTACT)
    assert.deepEqual(
      inbox.slice(1).map((/** @type {any} */ shown) => [shown.id, shown.kind, shown.edit, shown.target]),
      [[command.id, kind, edit, first.id]]
    )
  })
}

test('a text that was revoked is given to no device that asks for it later', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  const first = send({ kind: 'text', text: 'Hello' })
  account.say(first)
  await moved(account, first.id, 'delivered')
  const target = { id: first.id, chat: CHAT, sender: '15551234567@s.whatsapp.net', fromMe: true }
  const revoke = send({ kind: 'revoke', target })
  account.say(revoke)
  await moved(account, revoke.id, 'delivered')
  const { config } = openOutbound(account.database, openCredentials(account.database), () => SILENT, { log: LOG })
  assert.equal(await config.getMessage({ id: first.id, remoteJid: CHAT }), undefined)
})

test('the front learns whether a number has WhatsApp, with both addresses', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  account.say({ command: 'ask', request: 'r', what: 'contact', number: CONTACT })
  const { result } = await until(() => account.sent.find(({ event }) => event === 'answered'))
  const lid = `${(await sandbox.phone(CONTACT)).lid}@lid`
  assert.deepEqual(result, { number: CONTACT, exists: true, jid: CHAT, lid, name: null })
  await sandbox.drop()
  await until(() => account.session().snapshot().phase === 'reconnecting')
  account.say({ command: 'ask', request: 's', what: 'contact', number: CONTACT })
  const { reason } = await until(() => account.sent.find(({ event }) => event === 'refused'))
  assert.equal(reason.code, 'connection-lost')
})

test('a message that is marked as read while the link is down is marked once it is open, and WhatsApp confirms that', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  const { id } = await sandbox.send({ text: 'Hello' })
  await until(() => account.texts().length === 1)
  await sandbox.drop()
  await until(() => account.session().snapshot().phase === 'reconnecting')
  account.say({ command: 'mark_read', chat: CHAT, keys: [{ id, sender: CHAT }] })
  await until(async () => {
    const { receipts } = await sandbox.phone(CONTACT)
    return receipts.some((/** @type {any} */ receipt) => receipt.id === id && receipt.type === 'read')
  })
  const confirmed = await until(() => account.named('read_marked')[0])
  assert.deepEqual([confirmed.chat, confirmed.keys], [CHAT, [{ id, sender: CHAT }]])
})

test('a logout leaves no text that was sent', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  const command = send({ kind: 'text', text: 'Hello' })
  account.say(command)
  await moved(account, command.id, 'delivered')
  account.say({ command: 'logout' })
  await until(() => account.named('logged_out').length === 1)
  assert.equal(account.database.connection.prepare('SELECT count(*) AS count FROM sent').get()?.count, 0)
})
