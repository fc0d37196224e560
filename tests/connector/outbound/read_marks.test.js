// @ts-check
/** Read marks are told to WhatsApp until it confirms them, and the front hears of that. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createReadMarks } from '../../../connector/outbound/read_marks.js'
import { until } from '../../support/connector/account.js'

const CHAT = '4915112345678@s.whatsapp.net'
const GROUP = '120363041234567890@g.us'
const [BO, EVE] = [CHAT, '4915187654321@s.whatsapp.net']

/** Marks, and a link that takes down the receipts. @param {{readreceipts?: string}} [privacy] */
function open({ readreceipts = 'all' } = {}) {
  /** @type {any[]} */
  const heard = []
  /** @type {any[]} */
  let receipts = []
  let failures = 0
  const newLink = () => ({
    async fetchPrivacySettings() {
      if (failures-- > 0) throw new Error('no answer')
      return { readreceipts }
    },
    async sendReceipt(/** @type {any[]} */ ...said) {
      receipts.push(said)
    }
  })
  /** @type {any} */
  let link = newLink()
  const marks = createReadMarks({
    database: /** @type {any} */ ({
      soon(/** @type {() => void} */ work, /** @type {() => void} */ afterwards) {
        work()
        afterwards()
      }
    }),
    front: () => ({ spool: event => void heard.push(event), deliver() {} }),
    socket: () => link,
    log: { warning() {} },
    retrySeconds: 0.01
  })
  return {
    marks,
    heard,
    /** The receipts since the last call, once there are so many. @param {number} count */
    async receipts(count) {
      await until(() => receipts.length >= count)
      const found = receipts
      receipts = []
      return found
    },
    /** The next so many queries fail. @param {number} count */
    fail: count => (failures = count),
    cut: () => (link = null),
    reopen() {
      link = newLink()
      marks.opened()
    },
    /** @param {string} chat @param {...[id: string, sender: string]} keys */
    take: (chat, ...keys) =>
      marks.take({ command: 'mark_read', chat, keys: keys.map(([id, sender]) => ({ id, sender })) }),
    /** @param {string} id @param {Record<string, string>} [attrs] */
    confirm: (id, attrs = { type: 'read' }) =>
      marks.acknowledge({ tag: 'ack', attrs: { class: 'receipt', id, ...attrs } })
  }
}

test('a mark is owed until WhatsApp confirms it: a link that ends before is followed by one that tells it again', async () => {
  const { take, receipts, reopen, confirm, heard } = open()
  take(CHAT, ['A', BO], ['B', BO])
  assert.deepEqual(await receipts(1), [[CHAT, undefined, ['A', 'B'], 'read']])
  reopen()
  assert.deepEqual(await receipts(1), [[CHAT, undefined, ['A', 'B'], 'read']])
  confirm('A')
  assert.deepEqual(
    heard.map(({ event, chat, keys }) => [event, chat, keys]),
    [['read_marked', CHAT, ['A', 'B'].map(id => ({ id, sender: BO }))]]
  )
  reopen()
  take(CHAT, ['C', BO])
  assert.deepEqual(await receipts(1), [[CHAT, undefined, ['C'], 'read']])
})

test('the confirmation of another receipt for the message settles nothing', async () => {
  const { take, receipts, confirm, heard } = open()
  confirm('A', {})
  take(CHAT, ['A', BO])
  await receipts(1)
  for (const type of ['inactive', 'retry', 'played']) confirm('A', { type })
  confirm('B')
  assert.deepEqual(heard, [])
  confirm('A', {})
  assert.equal(heard.length, 1)
  confirm('A')
  assert.equal(heard.length, 1)
})

test('marks that come while there is no link are told once it is open; those named again, once', async () => {
  const { take, receipts, cut, reopen } = open({ readreceipts: 'none' })
  cut()
  for (let n = 0; n < 2; n++) take(CHAT, ['A', BO])
  reopen()
  take(CHAT, ['A', BO])
  take(CHAT, ['B', BO])
  const told = await receipts(1)
  assert.deepEqual(told.flatMap(([, , ids]) => ids).toSorted(), ['A', 'B'])
  assert.ok(told.every(([, , , type]) => type === 'read-self'))
})

test('a query without an answer loses no mark: it is tried again on the same link', async () => {
  const { take, receipts, fail } = open()
  fail(2)
  take(CHAT, ['A', BO])
  assert.deepEqual(await receipts(1), [[CHAT, undefined, ['A'], 'read']])
})

test('each sender of a group gets a receipt, also if two of them chose one id', async () => {
  const { take, receipts, confirm, heard } = open()
  take(GROUP, ['A', BO], ['A', EVE], ['B', BO])
  assert.deepEqual(await receipts(2), [
    [GROUP, BO, ['A', 'B'], 'read'],
    [GROUP, EVE, ['A'], 'read']
  ])
  confirm('A', { type: 'read', participant: EVE })
  confirm('A', { type: 'read', participant: BO })
  assert.deepEqual(
    heard.map(({ keys }) => keys.map((/** @type {any} */ { id, sender }) => [id, sender])),
    [
      [['A', EVE]],
      [
        ['A', BO],
        ['B', BO]
      ]
    ]
  )
})

test('one receipt names 200 messages, and the next one the one more', async () => {
  const { take, receipts } = open()
  take(CHAT, ...Array.from({ length: 201 }, (_, n) => /** @type {[string, string]} */ ([`M${n}`, BO])))
  const told = await receipts(2)
  assert.deepEqual(
    told.map(([, , ids]) => ids.length),
    [200, 1]
  )
})

test('1,000 marks wait for WhatsApp; of one more, the oldest goes: the front names it again', async () => {
  const { take, receipts, cut, reopen } = open()
  cut()
  for (let n = 0; n < 1001; n++) take(CHAT, [`M${n}`, BO])
  reopen()
  const told = await receipts(5)
  const ids = told.flatMap(([, , some]) => some)
  assert.deepEqual([ids.length, ids[0]], [1000, 'M1'])
})

test('an account that is gone leaves no marks', async () => {
  const { marks, take, receipts, cut, reopen } = open()
  cut()
  take(CHAT, ['A', BO])
  marks.wipe()
  reopen()
  take(CHAT, ['B', BO])
  assert.deepEqual(await receipts(1), [[CHAT, undefined, ['B'], 'read']])
})
