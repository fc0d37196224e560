// @ts-check
/** Inbound messages on their way through real Baileys to the disk, and the time of their receipts. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cut, openAccount, OURS } from '../../support/connector/inbox_account.js'
import { link, openSandbox } from '../../support/connector/sandbox_client.js'
import { openInbound } from '../../../connector/messages/inbound.js'

const BO = '4915112345678'
const CY = '4915187654321'

/** @typedef {Awaited<ReturnType<typeof openSandbox>>} Sandbox */

/** @param {Sandbox} sandbox @param {string} text @param {object} [more] */
const write = (sandbox, text, more = {}) => sandbox.post('send', { from: BO, to: OURS, id: text, text, ...more })

/**
 * The receipts that the contact got for its messages, once there are so many.
 * @param {Sandbox} sandbox
 * @param {number} count
 */
async function receipts(sandbox, count) {
  const deadline = AbortSignal.timeout(10_000)
  for (;;) {
    const { body } = await sandbox.ask('GET', `phone?phoneNumber=${BO}`)
    if (body.receipts.length >= count) return body.receipts.map((/** @type {any} */ { id, type }) => `${id} ${type}`)
    deadline.throwIfAborted()
  }
}

for (const [how, isConversation] of /** @type {const} */ ([
  ['first message of a contact', false],
  ['message of a conversation', true]
])) {
  test(`the ${how} that was stored but not confirmed is confirmed when it comes again, and not reported again`, async t => {
    const sandbox = await openSandbox(t)
    const account = await openAccount(t, sandbox)
    const client = await account.open()
    await client.open()
    if (isConversation) await client.socket.sendMessage(`${BO}@s.whatsapp.net`, { text: 'Hello' })
    const before = (await receipts(sandbox, 0)).length
    account.onceStored(() => cut(client.socket))
    await write(sandbox, 'one')
    await client.closed()
    assert.equal((await account.texts('one')).filter(text => text === 'one').length, 1)
    assert.equal((await receipts(sandbox, 0)).length, before)
    await account.open()
    assert.deepEqual(await receipts(sandbox, before + 1), ['one inactive'])
    await write(sandbox, 'two')
    assert.deepEqual(
      (await account.texts('two')).filter(text => text === 'one' || text === 'two'),
      ['one', 'two']
    )
  })
}

test('the keys that opened a message are not saved if the message cannot be, and WhatsApp gets no receipt', async t => {
  const sandbox = await openSandbox(t)
  const account = await openAccount(t, sandbox)
  account.database.connection.exec(
    `CREATE TEMP TRIGGER full BEFORE INSERT ON main.spool BEGIN SELECT RAISE(FAIL, 'disk full'); END`
  )
  const client = await account.open({ transactionOpts: { maxCommitRetries: 1, delayBetweenTriesMs: 0 } })
  await client.open()
  await write(sandbox, 'one')
  await write(sandbox, 'two')
  while (account.given.length === 0) await new Promise(resolve => setTimeout(resolve, 5))
  assert.match(account.given[0].message, /disk full/)
  account.database.connection.exec('DROP TRIGGER full')
  cut(client.socket)
  await client.closed()
  await account.open()
  assert.deepEqual(await account.texts('two'), ['one', 'two'])
  assert.deepEqual(await receipts(sandbox, 2), ['one inactive', 'two inactive'])
})

test('messages that waited and those that come during the login are reported in the order in which they were sent', async t => {
  const sandbox = await openSandbox(t)
  const account = await openAccount(t, sandbox)
  const texts = Array.from({ length: 80 }, (_, n) => `text ${n}`)
  for (const text of texts.slice(0, 40)) await write(sandbox, text)
  const client = await account.open()
  client.socket.ws.once('CB:message', () => void writeAll())
  const writeAll = async () => {
    for (const text of texts.slice(40)) await write(sandbox, text)
  }
  assert.deepEqual(await account.texts(texts.at(-1)), texts)
})

test('a message that could not be decrypted is reported once, after its sender has sent it again', async t => {
  const sandbox = await openSandbox(t)
  const account = await openAccount(t, sandbox)
  await account.open()
  await write(sandbox, 'one', { isCorrupt: true })
  assert.deepEqual(await account.texts('one'), ['one'])
  await write(sandbox, 'two')
  assert.deepEqual(await account.texts('two'), ['one', 'two'])
})

test('the same id is one message in one chat, and another message in another chat', async t => {
  const sandbox = await openSandbox(t)
  const account = await openAccount(t, sandbox)
  await account.open()
  await write(sandbox, 'one', { id: 'SAME' })
  await account.texts('one')
  await write(sandbox, 'one more', { id: 'SAME' })
  await write(sandbox, 'one of another', { id: 'SAME', from: CY })
  assert.deepEqual(await account.texts('one of another'), ['one', 'one of another'])
})

test('an id that is a word of JavaScript is an id like any other', async t => {
  const sandbox = await openSandbox(t)
  const account = await openAccount(t, sandbox)
  const { socket } = await account.open()
  socket.ev.removeAllListeners('messages.upsert') // what is stored with its keys does not wait for that
  const ids = ['__proto__', 'constructor', 'toString', '0']
  for (const id of ids) await write(sandbox, `text of ${id}`, { id })
  assert.deepEqual(
    await account.texts('text of 0'),
    ids.map(id => `text of ${id}`)
  )
})

test('while too many messages wait for the front, WhatsApp keeps the rest, and all come once and in order', async t => {
  const sandbox = await openSandbox(t)
  const account = await openAccount(t, sandbox, { maxBytes: 2_000 })
  const client = await account.open()
  const texts = Array.from({ length: 12 }, (_, n) => `${n} ${'x'.repeat(300)}`)
  for (const text of texts) await write(sandbox, text, { id: text.slice(0, 2) })
  await account.texts(texts[3])
  assert.ok(account.spool.isFull())
  assert.ok(!account.spool.hasRoom())
  const stored = account.reported().map(({ text }) => text)
  assert.deepEqual(stored, texts.slice(0, stored.length))
  assert.ok(stored.length < 7)
  cut(client.socket)
  await client.closed()
  account.spool.forget(stored.length)
  assert.ok(account.spool.hasRoom())
  await account.open()
  const all = await account.texts(texts[stored.length + 3])
  assert.deepEqual(all, texts.slice(stored.length, stored.length + 4))
})

test('a chat has one address, however its messages were addressed', async t => {
  const sandbox = await openSandbox(t)
  const account = await openAccount(t, sandbox)
  await account.open()
  await write(sandbox, 'by number')
  await write(sandbox, 'by lid', { byLid: true })
  await account.texts('by lid')
  assert.deepEqual(
    new Set(account.reported().flatMap(({ chat, sender }) => [chat, sender])),
    new Set([`${BO}@s.whatsapp.net`])
  )
})

test('a message that the owner writes on another device is from the account', async t => {
  const sandbox = await openSandbox(t)
  const account = await openAccount(t, sandbox)
  const client = await account.open()
  await client.open()
  const other = await link(t, sandbox, { phoneNumber: OURS })
  await other.socket.sendMessage(`${BO}@s.whatsapp.net`, { text: 'from the desk' })
  await account.texts('from the desk')
  const { fromMe, chat, sender } = account.reported().at(-1)
  assert.deepEqual(
    { fromMe, chat, sender },
    { fromMe: true, chat: `${BO}@s.whatsapp.net`, sender: `${OURS}@s.whatsapp.net` }
  )
})

test('a Baileys that handles messages in another way is refused', async t => {
  const sandbox = await openSandbox(t)
  const account = await openAccount(t, sandbox)
  const client = await account.open()
  client.socket.ws.on('CB:message', () => {})
  const inbound = openInbound(/** @type {any} */ ({ state: { creds: {}, keys: {} } }), /** @type {any} */ ({}))
  assert.throws(() => inbound.listen(client.socket), /another way/)
})

test('messages that waited share writes to the disk, and are confirmed and reported one by one', async t => {
  const sandbox = await openSandbox(t)
  const account = await openAccount(t, sandbox)
  const { connection } = account.database
  const { exec } = connection
  let commits = 0
  connection.exec = sql => {
    if (sql === 'COMMIT') commits += 1
    return exec.call(connection, sql)
  }
  const texts = Array.from({ length: 40 }, (_, n) => `text ${n}`)
  for (const text of texts) await write(sandbox, text)
  await account.open()
  assert.deepEqual(await account.texts('text 39'), texts)
  assert.deepEqual(
    (await receipts(sandbox, 40)).map((/** @type {string} */ receipt) => receipt.split(' ').slice(0, 2).join(' ')),
    texts
  )
  assert.ok(commits < 25, `${commits} commits`)
})
