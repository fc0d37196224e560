// @ts-check
/** Numbers and LIDs from the history of a phone. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateSync } from 'node:zlib'
import { pairsIn } from '../../../connector/messages/history.js'
import { HistoryReader } from '../../../connector/messages/history_reader.js'
import { Pairs } from '../../../connector/messages/lid_pairs.js'
import { proto } from '../../../connector/node_modules/baileys/lib/index.js'
import { cut, openAccount, OURS } from '../../support/connector/inbox_account.js'
import { openSandbox } from '../../support/connector/sandbox_client.js'

const BO = '4915112345678'
const CY = '4915187654321'
const LIDS = { pnJid: `${BO}@s.whatsapp.net`, lidJid: '909913313250243@lid' }
const OTHER = { pnJid: `${CY}@s.whatsapp.net`, lidJid: '808813313250243@lid' }
const PAIRS = [
  [BO, '909913313250243'],
  [CY, '808813313250243']
]

/** @param {Pairs} pairs */
const entriesOf = pairs => [...pairs.pieces()].flatMap(piece => Object.entries(JSON.parse(piece)))

/** @param {Parameters<typeof pairsIn>} asked */
const pairs = async (...asked) => entriesOf(await pairsIn(...asked))

/** @param {proto.IHistorySync} history @param {object} [options] */
const read = (history, options) =>
  pairs({ initialHistBootstrapInlinePayload: deflateSync(proto.HistorySync.encode(history).finish()) }, options)

/** A conversation with a message of so many bytes. @param {string} id @param {number} bytes @param {object} [more] */
const conversation = (id, bytes, more = {}) => ({
  id,
  messages: [{ message: { key: { id: 'OLD' }, message: { conversation: 'x'.repeat(bytes) } } }],
  ...more
})

const INITIAL = { syncType: proto.HistorySync.HistorySyncType.INITIAL_BOOTSTRAP }

test('pairs are read from mappings, wherever they stand', async () => {
  const mappings = { ...INITIAL, phoneNumberToLidMappings: [LIDS, OTHER] }
  assert.deepEqual(await read(mappings), PAIRS)
  assert.deepEqual(
    await read({
      ...mappings,
      conversations: [conversation('1@g.us', 3_000_000)],
      progress: 100,
      pushnames: [{ id: BO, pushname: 'Bo' }]
    }),
    PAIRS
  )
})

test('pairs are read from conversations of any naming', async () => {
  const conversations = [
    conversation(LIDS.lidJid, 50_000, { pnJid: LIDS.pnJid }),
    conversation(OTHER.pnJid, 0, { lidJid: OTHER.lidJid, name: 'Cy', unreadCount: 3 })
  ]
  assert.deepEqual(await read({ ...INITIAL, conversations }), PAIRS)
})

test('an address may name a device', async () => {
  const phoneNumberToLidMappings = [
    { pnJid: `${BO}:12@s.whatsapp.net`, lidJid: '909913313250243:3@lid' },
    { pnJid: `${CY}:@s.whatsapp.net`, lidJid: OTHER.lidJid }
  ]
  assert.deepEqual(await read({ ...INITIAL, phoneNumberToLidMappings }), PAIRS.slice(0, 1))
})

test('pairs are read wherever a piece of the history ends', () => {
  const conversations = [
    conversation(LIDS.lidJid, 300, { pnJid: LIDS.pnJid, unreadCount: 1_000_000, conversationTimestamp: 2 ** 40 })
  ]
  const whole = Buffer.from(
    proto.HistorySync.encode({ ...INITIAL, conversations, phoneNumberToLidMappings: [OTHER], progress: 100 }).finish()
  )
  for (let length = 1; length <= whole.length; length++) {
    const found = new Pairs()
    const reader = new HistoryReader(found)
    for (let at = 0; at < whole.length; at += length) reader.push(whole.subarray(at, at + length))
    assert.deepEqual(entriesOf(found), PAIRS, `pieces of ${length} bytes`)
  }
})

test('an inflated payload of as many bytes as the limit is read, and of one that has more the rest is not', async () => {
  const history = { ...INITIAL, phoneNumberToLidMappings: [LIDS] }
  const maxBytes = proto.HistorySync.encode(history).finish().length
  assert.deepEqual(await read(history, { maxBytes }), PAIRS.slice(0, 1))
  assert.deepEqual(await read(history, { maxBytes: maxBytes - 1 }), [])
})

test('thousands of pairs come out as they went in, and no more than 50,000', async () => {
  const number = (/** @type {number} */ n) => String(4_960_000_000_000 + n)
  const phoneNumberToLidMappings = Array.from({ length: 60_000 }, (_, n) => ({
    pnJid: `${number(n)}@s.whatsapp.net`,
    lidJid: `${10 ** 14 + n}@lid`
  }))
  const found = await read({ ...INITIAL, phoneNumberToLidMappings })
  assert.equal(found.length, 50_000)
  found.forEach(([pn, lid], n) => assert.deepEqual([pn, lid], [number(n), String(10 ** 14 + n)]))
})

test('a field that is longer than any history ends the reading', () => {
  const found = new Pairs()
  assert.throws(() => new HistoryReader(found).push(Buffer.from([0x12, 0xff, 0xff, 0xff, 0xff, 0x7f])), /too long/)
})

test('entries that are not a pair of a number and a LID are left out', async () => {
  const phoneNumberToLidMappings = [
    { pnJid: LIDS.lidJid, lidJid: LIDS.pnJid },
    { pnJid: '1@g.us', lidJid: LIDS.lidJid },
    { pnJid: LIDS.pnJid },
    {},
    { pnJid: 'x'.repeat(5000), lidJid: LIDS.lidJid }
  ]
  assert.deepEqual(
    await read({
      ...INITIAL,
      phoneNumberToLidMappings,
      conversations: [conversation('1@g.us', 1), conversation(LIDS.lidJid, 1)]
    }),
    []
  )
})

test('a payload that is garbage, torn, or must be downloaded gives the pairs that can be read', async () => {
  assert.deepEqual(await pairs({ directPath: '/nowhere' }), [])
  assert.deepEqual(await pairs({ initialHistBootstrapInlinePayload: Buffer.from('no zlib') }), [])
  assert.deepEqual(await pairs({ initialHistBootstrapInlinePayload: deflateSync(Buffer.alloc(1000, 0xff)) }), [])
  const whole = proto.HistorySync.encode({ ...INITIAL, phoneNumberToLidMappings: [LIDS, OTHER] }).finish()
  assert.deepEqual(
    await pairs({ initialHistBootstrapInlinePayload: deflateSync(whole.subarray(0, whole.length - 5)) }),
    PAIRS.slice(0, 1)
  )
})

test('the inflated part of a payload is limited', async () => {
  const history = { ...INITIAL, conversations: [conversation('1@g.us', 2_000_000)], phoneNumberToLidMappings: [LIDS] }
  assert.deepEqual(await read(history, { maxBytes: 1_000_000 }), [])
  assert.deepEqual(await read(history, { maxBytes: 4_000_000 }), PAIRS.slice(0, 1))
})

/** A message of a person whose number its stanza does not say. @param {any} sandbox @param {string} text */
const write = (sandbox, text) =>
  sandbox.post('send', { from: BO, to: OURS, id: text, text, byLid: true, hasOneAddress: true })

for (const named of ['mappings', 'conversations']) {
  for (const syncType of ['INITIAL_BOOTSTRAP', 'PUSH_NAME', 'NON_BLOCKING_DATA', 'RECENT']) {
    test(`${named} of ${syncType} are known after it, and no message of the history is reported`, async t => {
      const sandbox = await openSandbox(t)
      const account = await openAccount(t, sandbox)
      await write(sandbox, 'before')
      await sandbox.post('history', {
        phoneNumber: OURS,
        syncType,
        named,
        contacts: [BO],
        more: 20,
        messageBytes: 5000
      })
      await write(sandbox, 'after')
      await account.open()
      assert.deepEqual(await account.texts('after'), ['before', 'after'])
      const [before, after] = account.reported()
      assert.match(before.chat, /@lid$/)
      assert.deepEqual(account.links(), [{ event: 'contact_linked', lid: before.chat, number: BO }])
      assert.deepEqual(
        [after.chat, after.chatLid, after.sender, after.senderLid],
        [`${BO}@s.whatsapp.net`, before.chat, `${BO}@s.whatsapp.net`, before.chat]
      )
      assert.deepEqual((await receiptsOf(sandbox, OURS)).sort(), ['hist_sync', 'peer_msg'])
    })
  }
}

test('the history that a phone sends after a device is linked is read at the first login', async t => {
  const sandbox = await openSandbox(t)
  await sandbox.put('settings', { history: 20 })
  const account = await openAccount(t, sandbox)
  await account.open()
  await write(sandbox, 'one')
  await account.texts('one')
  const { count } =
    account.database.connection
      .prepare("SELECT count(*) AS count FROM credentials WHERE kind = 'lid-mapping' AND id LIKE '496000%'")
      .get() ?? {}
  assert.equal(count, 20)
})

test('a history that must be downloaded is confirmed and not downloaded', async t => {
  const sandbox = await openSandbox(t)
  const account = await openAccount(t, sandbox)
  await account.open()
  await sandbox.post('history', { phoneNumber: OURS, isBlob: true })
  await write(sandbox, 'after')
  assert.deepEqual(await account.texts('after'), ['after'])
})

test("a message that came before its sender's number was known is reported once", async t => {
  const sandbox = await openSandbox(t)
  const account = await openAccount(t, sandbox)
  const client = await account.open()
  await client.open()
  account.onceStored(() => cut(client.socket))
  await write(sandbox, 'one')
  await client.closed()
  account.database.connection.exec(`INSERT INTO credentials (kind, id, value)
    SELECT 'lid-mapping', '${BO}', '"' || substr(chat, 1, instr(chat, '@') - 1) || '"' FROM received
    UNION ALL SELECT 'lid-mapping', substr(chat, 1, instr(chat, '@') - 1) || '_reverse', '"${BO}"' FROM received`)
  await account.open()
  await write(sandbox, 'two')
  assert.deepEqual(await account.texts('two'), ['one', 'two'])
  const [one, two] = account.reported()
  assert.match(one.chat, /@lid$/)
  assert.deepEqual([two.chat, two.chatLid], [`${BO}@s.whatsapp.net`, one.chat])
})

/** The receipts for what a phone sent. @param {any} sandbox @param {string} phoneNumber @returns {Promise<string[]>} */
async function receiptsOf(sandbox, phoneNumber) {
  const deadline = AbortSignal.timeout(5_000)
  for (;;) {
    const { body } = await sandbox.ask('GET', `phone?phoneNumber=${phoneNumber}`)
    if (body.receipts.length >= 2) return body.receipts.map((/** @type {any} */ { type }) => type)
    deadline.throwIfAborted()
  }
}
