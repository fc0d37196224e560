// @ts-check
/** Which stanzas wait for a device, and which acknowledgement settles which. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OfflineQueue } from '../../../connector/sandbox/messages/offline_queue.js'

const FROM = '4915112345678@s.whatsapp.net'
const DEVICE = /** @type {import('../../../connector/sandbox/accounts/devices.js').Device} */ ({})

/** @param {string} tag @param {Record<string, string>} attrs */
const stanza = (tag, attrs) => ({ tag, attrs: { id: 'ONE', from: FROM, ...attrs } })

test('a receipt is settled by the acknowledgement of its type, and the others of the message go on waiting', () => {
  const queue = new OfflineQueue(jid => jid)
  queue.put(DEVICE, stanza('receipt', {}))
  for (const type of ['read', 'played']) queue.put(DEVICE, stanza('receipt', { type }))
  queue.settle(DEVICE, 'receipt', { id: 'ONE', to: FROM, type: 'read' })
  assert.deepEqual(
    queue.of(DEVICE).map(({ attrs }) => attrs.type),
    [undefined, 'played']
  )
})

test('two copies of a message wait both; each acknowledgement settles one, the oldest first', () => {
  const queue = new OfflineQueue(jid => jid)
  for (const t of ['1', '2']) queue.put(DEVICE, stanza('message', { type: 'text', t }))
  queue.settle(DEVICE, 'message', { id: 'ONE', to: FROM })
  assert.deepEqual(
    queue.of(DEVICE).map(({ attrs }) => attrs.t),
    ['2']
  )
  for (let n = 0; n < 2; n++) queue.settle(DEVICE, 'message', { id: 'ONE', to: FROM })
  assert.deepEqual(queue.of(DEVICE), [])
})

test('messages of two senders with one id wait both, by whichever address they are acknowledged', () => {
  const queue = new OfflineQueue(jid => (jid.startsWith('909') ? FROM : jid))
  queue.put(DEVICE, stanza('message', {}))
  queue.put(DEVICE, stanza('message', { from: 'other@s.whatsapp.net' }))
  queue.settle(DEVICE, 'message', { id: 'ONE', to: '909913313250243@lid' })
  assert.deepEqual(
    queue.of(DEVICE).map(({ attrs }) => attrs.from),
    ['other@s.whatsapp.net']
  )
})
