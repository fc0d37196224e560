// @ts-check
/** Devices that ask for an edit again: who gets it, and with which attributes. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRetries } from '../../../connector/outbound/retries.js'

const PHONE = '4915112345678@s.whatsapp.net'
const DEVICE = '4915112345678:3@s.whatsapp.net'
const MESSAGE = { conversation: 'Hello' }

/** @param {{error?: Error}} [options] */
function open({ error } = {}) {
  /** @type {any[]} */
  const relayed = []
  /** @type {string[]} */
  const warned = []
  const retries = createRetries({ log: { warning: name => void warned.push(name) } })
  const socket = {
    receiptMutex: { mutex: (/** @type {() => Promise<unknown>} */ code) => code() },
    async relayMessage(/** @type {string} */ chat, /** @type {object} */ message, /** @type {object} */ options) {
      relayed.push([chat, message, options])
      if (error) throw error
    }
  }
  retries.attach(/** @type {any} */ (socket))
  /** @param {string} id @param {string} device */
  const ask = (id, device) => retries.ask({ id, chat: PHONE, device, message: MESSAGE, attributes: { edit: '1' } })
  /** @param {string} id @param {string} from @param {string} count */
  const note = (id, from, count) =>
    retries.note({ tag: 'receipt', attrs: { id, from, type: 'retry' }, content: [{ tag: 'retry', attrs: { count } }] })
  return { relayed, warned, ask, note, turn: socket.receiptMutex.mutex }
}

test('a linked device alone gets the edit, with the number of its request', async () => {
  const { relayed, ask, note, turn } = open()
  note('A', DEVICE, '2')
  await turn(async () => ask('A', DEVICE))
  assert.deepEqual(relayed, [
    [PHONE, MESSAGE, { messageId: 'A', additionalAttributes: { edit: '1' }, participant: { jid: DEVICE, count: 2 } }]
  ])
})

test('all devices get what the phone asks for, and their list is looked up', async () => {
  const { relayed, ask, note, turn } = open()
  note('A', PHONE, '1')
  await turn(async () => ask('A', PHONE))
  assert.deepEqual(relayed, [
    [PHONE, MESSAGE, { messageId: 'A', additionalAttributes: { edit: '1' }, useUserDevicesCache: false }]
  ])
})

test('what is asked for goes out at the end of its own turn, and once', async () => {
  const { relayed, ask, turn } = open()
  const others = Promise.withResolvers()
  const first = turn(async () => {
    ask('A', DEVICE)
    await others.promise
    assert.deepEqual(
      relayed.map(([, , { messageId }]) => messageId),
      ['B']
    )
  })
  await turn(async () => ask('B', DEVICE))
  others.resolve(undefined)
  await first
  assert.deepEqual(
    relayed.map(([, , { messageId }]) => messageId),
    ['B', 'A']
  )
})

test('a relay that fails is logged, and harms no receipt', async () => {
  const { warned, ask, turn } = open({ error: new Error('no session') })
  const receive = async () => {
    ask('A', DEVICE)
    return 'done'
  }
  assert.equal(await turn(receive), 'done')
  assert.deepEqual(warned, ['relay_failed'])
})

test('outside a turn nothing is sent', () => {
  const { relayed, ask } = open()
  ask('A', DEVICE)
  assert.deepEqual(relayed, [])
})

test('the counts of 1,000 requests are remembered; one more, and the oldest counts as the first', async () => {
  const { relayed, ask, note, turn } = open()
  for (let n = 0; n <= 1_000; n++) note(`${n}`, DEVICE, '4')
  await turn(async () => ['0', '1'].forEach(id => ask(id, DEVICE)))
  assert.deepEqual(
    relayed.map(([, , { participant }]) => participant.count),
    [1, 4]
  )
})
