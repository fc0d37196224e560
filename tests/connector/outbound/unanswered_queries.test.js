// @ts-check
/** Messages for which WhatsApp answers a query late, with an error or never. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openAccount, until } from '../../support/connector/account.js'
import { startSandbox } from '../../support/connector/harness.js'
import { CHAT, CONTACT, inboxOf, moved, movesOf, send } from '../../support/connector/sends.js'

test('a text for which WhatsApp gives no keys is tried again, and goes out although it may fail in doubt', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  await sandbox.faults({ queryCut: { kind: 'usync' } })
  const command = send({ kind: 'text', text: 'Hello' }, { onDoubt: 'fail' })
  account.say(command)
  await until(() => account.session().snapshot().phase === 'reconnecting')
  await sandbox.faults({ queryError: { kind: 'usync', code: 500 } })
  await until(() => account.logged.some(line => line.includes('relay_failed')))
  await sandbox.faults({})
  assert.equal((await moved(account, command.id, 'delivered')).attempts, 1)
  assert.deepEqual(await inboxOf(sandbox), [[command.id, 'Hello']])
})

for (const [query, isGroup] of /** @type {[string, boolean][]} */ ([
  ['usync', false],
  ['get encrypt key', false],
  ['w:g2', true]
])) {
  test(`a text for which WhatsApp does not answer "${query}" goes out once it does, and the link goes on`, async t => {
    const sandbox = await startSandbox(t)
    const account = await openAccount(t, sandbox, { query: 0.5 }, undefined, { pauses: [0.2, 0.2, 30] })
    const chat = isGroup ? await sandbox.makeGroup(['15551234567', CONTACT, '4915187654321']) : CHAT
    await sandbox.faults({ silentQueries: [query] })
    const command = send({ kind: 'text', text: 'Hello' }, { chat })
    account.say(command)
    await until(() => account.logged.filter(line => line.includes('relay_failed')).length === 2)
    assert.deepEqual(movesOf(account, command.id), [])
    await sandbox.faults({})
    assert.equal((await moved(account, command.id, 'delivered')).attempts, 1)
    assert.deepEqual(await inboxOf(sandbox), [[command.id, 'Hello']])
    assert.deepEqual(account.named('closed'), [])
  })
}

test('a text for which WhatsApp never answers a query fails, and those to other chats go out on the same link', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox, { query: 0.5 }, undefined, { pauses: [0.1, 0.1, 0.1] })
  await sandbox.faults({ silentUsers: ['4915187654321'] })
  const failing = send({ kind: 'text', text: 'no' }, { chat: '4915187654321@s.whatsapp.net' })
  account.say(failing)
  for (const text of ['one', 'two']) {
    const other = send({ kind: 'text', text })
    account.say(other)
    assert.equal((await moved(account, other.id, 'delivered')).attempts, 1)
  }
  const { reason } = await moved(account, failing.id, 'failed')
  assert.deepEqual([reason.code, reason.detail.split(': ')[1]], ['rejected', 'it did not answer a query for it'])
  assert.equal(account.logged.filter(line => line.includes('relay_failed')).length, 4)
  assert.deepEqual(account.named('closed'), [])
})

test('a link on which WhatsApp answers no query any more ends, and the text goes out on the next one', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox, { query: 0.5 })
  await sandbox.faults({ silentQueries: ['usync'], noPong: true })
  const command = send({ kind: 'text', text: 'Hello' })
  account.say(command)
  await until(() => account.named('closed').length === 1)
  await sandbox.faults({})
  await moved(account, command.id, 'delivered')
})

test('a text that is never ready to be written in time ends a few links, and then fails', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox, undefined, undefined, {
    timeouts: { ack: 20, relay: 0.3, groupRelay: 0.3 },
    pauses: [0.1]
  })
  await sandbox.faults({ silentUsers: [CONTACT] })
  const command = send({ kind: 'text', text: 'Hello' })
  account.say(command)
  assert.equal((await moved(account, command.id, 'failed')).reason.code, 'rejected')
  assert.equal(account.named('closed').length, 2)
})
