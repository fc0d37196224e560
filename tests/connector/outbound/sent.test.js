// @ts-check
/** Table of messages that were sent, and what the front hears of them. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMoves } from '../../../connector/outbound/moves.js'
import { openSent } from '../../../connector/outbound/sent.js'
import { openConnectorDatabase } from '../../../connector/storage/database.js'
import { makeSession } from '../../support/connector/harness.js'

const CHAT = '4915112345678@s.whatsapp.net'

/** @param {import('node:test').TestContext} t @param {{isFull?: () => boolean}} [options] */
function open(t, options) {
  const database = openConnectorDatabase(makeSession(t).folder)
  t.after(() => database.close())
  const sent = openSent(database)
  /** @type {any[]} */
  const heard = []
  let isDelivered = true
  const front = {
    spool: (/** @type {object} */ event) => {
      assert.ok(database.connection.isTransaction)
      heard.push(event)
      isDelivered = false
    },
    deliver: () => {
      assert.ok(!database.connection.isTransaction)
      isDelivered = true
    }
  }
  const moves = createMoves({ database, sent, front: () => front, lidOf: () => '909@lid', now: () => 5, ...options })
  /** @param {string} id */
  const prepare = id => {
    sent.prepare({ id, chat: CHAT, message: Buffer.from(id), at: 1 })
    return /** @type {import('../../../connector/outbound/sent.js').SentMessage} */ (sent.find(id))
  }
  /** @param {string} id @param {import('../../../connector/outbound/sent.js').ReceiptKind | null} kind */
  const receive = (id, kind) => moves.received({ ids: [id], chat: CHAT, kind, by: CHAT, at: 9 })
  const statuses = () => {
    database.commit()
    assert.ok(isDelivered)
    return heard.map(({ id, status }) => `${id} ${status}`)
  }
  return { database, sent, moves, prepare, receive, heard, statuses }
}

test('a message is kept with its protobuf, and each relay is counted', t => {
  const { sent, prepare } = open(t)
  assert.equal(sent.find('A'), null)
  assert.equal(sent.protobuf('A'), null)
  prepare('A')
  sent.countAttempt('A')
  assert.deepEqual(sent.find('A'), { id: 'A', chat: CHAT, state: 0, attempts: 2, receipt: null, at: 1, reason: null })
  assert.deepEqual(Buffer.from(sent.protobuf('A') ?? ''), Buffer.from('A'))
})

test('the newest 10,000 messages are kept; one more, and the oldest is gone, unless WhatsApp may still take it', t => {
  const { database, sent, prepare } = open(t)
  database.transaction(() => {
    for (let n = 0; n < 10_000; n++) prepare(String(n))
    sent.acknowledge('1', 1)
  })
  assert.ok(sent.find('1'))
  prepare('10000')
  assert.ok(sent.find('1'))
  prepare('10001')
  assert.equal(sent.find('1'), null)
  assert.ok(sent.find('0'))
  assert.ok(sent.find('2'))
})

test('an ack is told with both addresses of the chat, when WhatsApp gave it, and how often the message was relayed', t => {
  const { moves, prepare, heard, statuses } = open(t)
  moves.sent(prepare('A'), 7)
  assert.deepEqual(statuses(), ['A sent'])
  const { chat, chatLid, at, attempts } = heard[0]
  assert.deepEqual({ chat, chatLid, at, attempts }, { chat: CHAT, chatLid: '909@lid', at: 7, attempts: 1 })
})

test('a receipt for a message without an ack proves that WhatsApp has it', t => {
  const { prepare, receive, statuses } = open(t)
  prepare('A')
  prepare('B')
  assert.deepEqual(receive('A', 'delivered'), ['A'])
  assert.deepEqual(receive('B', null), ['B']) // a device asks for it again
  assert.deepEqual(statuses(), ['A sent', 'A delivered', 'B sent'])
})

test('receipts are told if they say more than the last one', t => {
  const { moves, prepare, receive, statuses } = open(t)
  moves.sent(prepare('A'), 1)
  for (const kind of /** @type {const} */ (['delivered', 'delivered', 'read', 'delivered', 'read', 'played']))
    receive('A', kind)
  receive('A', null)
  assert.deepEqual(statuses(), ['A sent', 'A delivered', 'A read', 'A played'])
})

/** An id as the front makes it. @param {number} number */
const idOfFront = number => `3EB0${String(number).padStart(18, '0')}`

test('receipts for a message that is not kept are told as they come, if it can be of the front', t => {
  const { receive, statuses } = open(t)
  const id = idOfFront(1)
  for (const stranger of ['A', '3A0123456789ABCDEF01', id.slice(1), `${id}0`, id.toLowerCase()])
    receive(stranger, 'delivered')
  receive(id, 'delivered')
  receive(id, 'read')
  receive(id, null)
  assert.deepEqual(statuses(), [`${id} delivered`, `${id} read`])
})

test('one receipt tells of 100 messages that are not kept; of one more, it does not, but of all that are', t => {
  const { prepare, moves, statuses } = open(t)
  for (let n = 0; n < 150; n++) prepare(`kept ${n}`)
  const unknown = Array.from({ length: 101 }, (_, n) => idOfFront(n))
  const kept = Array.from({ length: 150 }, (_, n) => `kept ${n}`)
  moves.received({ ids: [...unknown, ...kept], chat: CHAT, kind: 'delivered', by: CHAT, at: 9 })
  const told = statuses().filter(status => status.endsWith(' delivered'))
  assert.equal(told.length, 250)
  assert.ok(told.includes(`${idOfFront(99)} delivered`))
  assert.ok(!told.includes(`${idOfFront(100)} delivered`))
})

test('a receipt that lists a message many times tells of it once', t => {
  const { prepare, moves, statuses } = open(t)
  prepare('A')
  moves.received({ ids: Array(1000).fill('A'), chat: CHAT, kind: 'read', by: CHAT, at: 9 })
  moves.received({ ids: Array(1000).fill(idOfFront(1)), chat: CHAT, kind: 'read', by: CHAT, at: 9 })
  assert.deepEqual(statuses(), ['A sent', 'A read', `${idOfFront(1)} read`])
})

test('while too much waits for the front, only receipts for messages that are kept are told', t => {
  const { prepare, receive, statuses } = open(t, { isFull: () => true })
  prepare('A')
  receive(idOfFront(1), 'read')
  receive('A', 'read')
  assert.deepEqual(statuses(), ['A sent', 'A read'])
})

test('what became of a message is repeated, with the furthest receipt or with the reason', t => {
  const { sent, moves, prepare, receive, heard, statuses } = open(t)
  moves.sent(prepare('A'), 1)
  receive('A', 'delivered')
  receive('A', 'read')
  moves.failed(prepare('B'), { code: 'rejected', detail: 'no' })
  heard.length = 0
  for (const id of ['A', 'B']) moves.repeat(/** @type {any} */ (sent.find(id)))
  assert.deepEqual(statuses(), ['A sent', 'A read', 'B failed'])
  assert.deepEqual(heard[2].reason, { code: 'rejected', detail: 'no' })
})

test('a message that was refused is given to nobody who asks again', t => {
  const { sent, moves, prepare } = open(t)
  moves.failed(prepare('A'), { code: 'rejected', detail: 'no' })
  assert.equal(sent.protobuf('A'), null)
})

test('a message that is revoked is given to nobody who asks again, and what became of it stays', t => {
  const { sent, moves, prepare } = open(t)
  moves.sent(prepare('A'), 1)
  moves.sent(prepare('B'), 1)
  sent.prepare({ id: 'C', chat: CHAT, message: Buffer.from('C'), at: 1 }, { revoked: 'A' })
  assert.deepEqual([sent.protobuf('A'), sent.find('A')?.state], [null, 1])
  for (const id of ['B', 'C']) assert.deepEqual(Buffer.from(sent.protobuf(id) ?? ''), Buffer.from(id))
})

test('an account that is gone leaves no messages', t => {
  const { sent, prepare } = open(t)
  prepare('A')
  sent.wipe()
  assert.equal(sent.find('A'), null)
})
