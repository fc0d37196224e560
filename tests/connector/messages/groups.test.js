// @ts-check
/** Messages of group members through real Baileys to the disk, with any addressing and any loss. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cut, openAccount, OURS } from '../../support/connector/inbox_account.js'
import { openSandbox } from '../../support/connector/sandbox_client.js'

const BO = '4915112345678'
const CY = '4915187654321'

/** @typedef {import('../../support/connector/inbox_account.js').Sandbox} Sandbox */

/**
 * Numbers of members: the account, Bo, Cy, and any number of others.
 * @param {number} count
 */
const members = count => [OURS, BO, CY, ...Array.from({ length: count - 3 }, (_, n) => String(491520000000 + n))]

/** @param {Sandbox} sandbox @param {object} wish @returns {Promise<string>} its id */
const makeGroup = async (sandbox, wish = {}) => (await sandbox.post('groups', { members: members(3), ...wish })).body.id

/** @param {Sandbox} sandbox @param {string} group @param {string} from @param {string} text @param {object} [more] */
const write = (sandbox, group, from, text, more = {}) => sandbox.post('send', { group, from, id: text, text, ...more })

/** What became of a member's messages. @param {Sandbox} sandbox @param {string} phoneNumber @returns {Promise<string[]>} */
async function receipts(sandbox, phoneNumber) {
  const { body } = await sandbox.ask('GET', `phone?phoneNumber=${phoneNumber}`)
  return body.receipts.map((/** @type {any} */ { id, type }) => `${id} ${type}`)
}

/** @param {Sandbox} sandbox @param {string} phoneNumber */
async function lidOf(sandbox, phoneNumber) {
  return `${(await sandbox.ask('GET', `phone?phoneNumber=${phoneNumber}`)).body.lid}@lid`
}

for (const addressingMode of ['pn', 'lid']) {
  for (const count of [3, 50]) {
    test(`a group of ${count} that names members by ${addressingMode}: messages of all arrive once, in order, by number with the LID`, async t => {
      const sandbox = await openSandbox(t)
      const account = await openAccount(t, sandbox)
      const group = await makeGroup(sandbox, { members: members(count), addressingMode })
      await account.open()
      const texts = []
      for (const round of [1, 2]) {
        for (const from of members(round === 1 ? count : 3)) {
          texts.push(`${round} ${from}`)
          await write(sandbox, group, from, `${round} ${from}`)
        }
      }
      assert.deepEqual(await account.texts(texts.at(-1)), texts)
      for (const { text, chat, chatLid, sender, senderLid, fromMe } of account.reported()) {
        const from = text.split(' ')[1]
        assert.deepEqual([chat, chatLid, sender, fromMe], [group, null, `${from}@s.whatsapp.net`, from === OURS])
        assert.match(senderLid, /^\d+@lid$/)
      }
      assert.equal(account.reported().find(({ sender }) => sender.startsWith(BO)).senderLid, await lidOf(sandbox, BO))
      assert.deepEqual(
        (await receipts(sandbox, BO)).filter(said => said.endsWith('retry')),
        []
      )
    })
  }
}

test('messages of two members with the same id are both reported', async t => {
  const sandbox = await openSandbox(t)
  const account = await openAccount(t, sandbox)
  const group = await makeGroup(sandbox)
  await account.open()
  await write(sandbox, group, BO, 'of Bo', { id: 'SAME' })
  await write(sandbox, group, CY, 'of Cy', { id: 'SAME' })
  await account.texts('of Cy')
  await write(sandbox, group, BO, 'of Bo again', { id: 'SAME' })
  await write(sandbox, group, CY, 'the last')
  assert.deepEqual(await account.texts('the last'), ['of Bo', 'of Cy', 'the last'])
})

test('messages that waited in groups, two of them with the same id, are all reported in order', async t => {
  const sandbox = await openSandbox(t)
  const account = await openAccount(t, sandbox)
  const group = await makeGroup(sandbox, { addressingMode: 'lid' })
  for (const [from, text] of /** @type {const} */ ([
    [BO, 'one'],
    [CY, 'two'],
    [BO, 'three'],
    [CY, 'four']
  ])) {
    await write(sandbox, group, from, text, { id: `ID ${text === 'one' || text === 'two' ? 1 : text}` })
  }
  await account.open()
  assert.deepEqual(await account.texts('four'), ['one', 'two', 'three', 'four'])
})

test('a member whose key is unknown is asked for it, and all its messages are reported', async t => {
  const sandbox = await openSandbox(t)
  const account = await openAccount(t, sandbox)
  const group = await makeGroup(sandbox)
  await account.open()
  await write(sandbox, group, BO, 'one', { withoutKey: true })
  assert.deepEqual(await account.texts('one'), ['one'])
  await write(sandbox, group, BO, 'two', { withoutKey: true })
  assert.deepEqual(await account.texts('two'), ['one', 'two'])
  assert.deepEqual(
    (await receipts(sandbox, BO)).filter(said => said.endsWith('retry')),
    ['one retry']
  )
})

test('a group message whose connection is cut after it is stored is confirmed when it comes again, and is not reported again', async t => {
  const sandbox = await openSandbox(t)
  const account = await openAccount(t, sandbox)
  const group = await makeGroup(sandbox)
  const client = await account.open()
  await client.open()
  account.onceStored(() => cut(client.socket))
  await write(sandbox, group, BO, 'one')
  await client.closed()
  assert.deepEqual(await account.texts('one'), ['one'])
  assert.deepEqual(await receipts(sandbox, BO), [])
  await account.open()
  await write(sandbox, group, BO, 'two')
  assert.deepEqual(await account.texts('two'), ['one', 'two'])
  assert.deepEqual((await receipts(sandbox, BO)).slice(0, 1), ['one inactive'])
})

test('a group message without a readable copy is reported after six copies, and does not hold up later messages', async t => {
  const sandbox = await openSandbox(t)
  const account = await openAccount(t, sandbox)
  const group = await makeGroup(sandbox, { addressingMode: 'lid' })
  await account.open()
  await write(sandbox, group, BO, 'one')
  await write(sandbox, group, BO, 'broken', { isCorrupt: 'always' })
  await write(sandbox, group, BO, 'two')
  assert.deepEqual(await account.texts('two'), ['one', 'two'])
  await account.texts(null)
  const { id, kind, text, chat, sender, senderLid } = account.reported().at(-1)
  const expected = {
    id: 'broken',
    kind: 'undecryptable',
    text: null,
    chat: group,
    sender: `${BO}@s.whatsapp.net`,
    senderLid: await lidOf(sandbox, BO)
  }
  assert.deepEqual({ id, kind, text, chat, sender, senderLid }, expected)
  assert.equal((await receipts(sandbox, BO)).filter(said => said === 'broken retry').length, 5)
})

test("a process that dies after a member's key is stored, and before the message is, needs no other copy", async t => {
  const sandbox = await openSandbox(t)
  const account = await openAccount(t, sandbox)
  const group = await makeGroup(sandbox)
  const client = await account.open()
  await client.open()
  const { promise, resolve } = Promise.withResolvers()
  const dies = () => {
    resolve(undefined)
    return new Promise(() => {})
  }
  t.mock.method(/** @type {any} */ (client.socket.signalRepository), 'processSenderKeyDistributionMessage', dies)
  await write(sandbox, group, BO, 'one')
  await promise
  cut(client.socket)
  await client.closed()
  assert.deepEqual(account.reported(), [])
  await account.open()
  assert.deepEqual(await account.texts('one'), ['one'])
  assert.deepEqual(
    (await receipts(sandbox, BO)).filter(said => said.endsWith('retry')),
    []
  )
})
