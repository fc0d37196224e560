// @ts-check
/** Messages to groups: every member's phone and linked device gets each. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openAccount, until } from '../../support/connector/account.js'
import { startSandbox } from '../../support/connector/harness.js'

const OURS = '15551234567'
const CONTACT = '4915112345678'
const OTHER = '4915187654321'

let made = 0

/** @param {string} chat @param {string} text */
const send = (chat, text) => ({
  command: 'send',
  id: `3EB1${String((made += 1)).padStart(16, '0')}`,
  chat,
  message: { kind: 'text', text },
  typing: 0,
  onDoubt: 'resend',
  again: false
})

/** @typedef {Awaited<ReturnType<typeof openAccount>>} Account */

/** @param {Account} account @param {string} id @param {string} status */
const moved = (account, id, status) =>
  until(() => account.named('message_moved').find(move => move.id === id && move.status === status), status)

/** @param {Account} account @param {ReturnType<typeof send>} command */
async function say(account, command) {
  account.say(command)
  await moved(account, command.id, 'delivered')
}

/** @param {import('node:test').TestContext} t */
async function open(t) {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  const member = await openAccount(t, sandbox, undefined, undefined, { phoneNumber: CONTACT })
  const group = await sandbox.makeGroup([OURS, CONTACT, OTHER])
  /** @param {string} phoneNumber */
  const shownBy = async phoneNumber =>
    (await sandbox.phone(phoneNumber)).inbox.map((/** @type {any} */ { text }) => text)
  return { sandbox, account, member, group, shownBy }
}

test('every member gets a text, and a warm group asks WhatsApp for nothing', async t => {
  const { sandbox, account, member, group, shownBy } = await open(t)
  await say(account, send(group, 'one'))
  await sandbox.faults({ silentQueries: ['w:g2', 'usync', 'get encrypt key'] })
  await say(account, send(group, 'two'))
  await until(() => member.texts().includes('two'))
  assert.deepEqual(member.texts(), ['one', 'two'])
  for (const number of [CONTACT, OTHER, OURS]) await until(async () => (await shownBy(number)).length === 2)
  assert.deepEqual(await shownBy(OTHER), ['one', 'two'])
})

test('a text whose stanza was lost reaches every member, although it brought the sender key', async t => {
  const { sandbox, account, member, group, shownBy } = await open(t)
  await sandbox.faults({ dropMessage: { value: true, times: 1 } })
  await say(account, send(group, 'one'))
  await say(account, send(group, 'two'))
  await until(() => member.texts().length === 2)
  assert.deepEqual(member.texts(), ['one', 'two'])
  await until(async () => (await shownBy(OTHER)).length === 2)
  const { receipts } = await sandbox.phone(OURS)
  assert.deepEqual(
    receipts.filter((/** @type {any} */ { type }) => type === 'retry'),
    []
  )
})

test('who joins a group gets the texts after that, and who leaves it does not', async t => {
  const { sandbox, account, group, shownBy } = await open(t)
  const [joining, quiet] = ['4915100000001', '4915100000002']
  await say(account, send(group, 'one'))
  await sandbox.changeGroup(group, { add: [joining], remove: [OTHER] })
  await sandbox.send({ text: 'after the notification' })
  await until(() => account.texts().includes('after the notification'))
  await say(account, send(group, 'two'))
  await until(async () => (await shownBy(joining)).length === 1)
  assert.deepEqual(await shownBy(OTHER), ['one'])
  // Without a notification, the member asks for the first text, and gets the next one with the others.
  await sandbox.changeGroup(group, { add: [quiet], isQuiet: true })
  await say(account, send(group, 'three'))
  await say(account, send(group, 'four'))
  await until(async () => (await shownBy(quiet)).length === 2)
  assert.deepEqual(await shownBy(joining), ['two', 'three', 'four'])
})

test('a group that names its members in another way than before takes a text at the second try', async t => {
  const { sandbox, account, group } = await open(t)
  await say(account, send(group, 'one'))
  await sandbox.faults({ messageError: { value: 421, times: 1 } })
  const command = send(group, 'two')
  account.say(command)
  assert.equal((await moved(account, command.id, 'sent')).attempts, 2)
})

test('every member of a large group gets its first text, which is prepared in small queries', async t => {
  const { sandbox, account, shownBy } = await open(t)
  const members = Array.from({ length: 120 }, (_, n) => String(4_915_100_001_000 + n))
  const group = await sandbox.makeGroup([OURS, ...members])
  await say(account, send(group, 'one'))
  for (const member of members) await until(async () => (await shownBy(member)).length === 1)
})

test('a group that does not exist, or has another account in it alone, takes no text', async t => {
  const { account } = await open(t)
  const command = send('120363999999999999@g.us', 'Hello')
  account.say(command)
  const { reason } = await moved(account, command.id, 'failed')
  assert.equal(reason.code, 'rejected')
  assert.match(reason.detail, /the account is no member of it/)
})
