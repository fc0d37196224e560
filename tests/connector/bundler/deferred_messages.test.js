// @ts-check
/** The messages of WhatsApp's protocol, deferred, against those of Baileys. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { deferMessages } from '../../../connector/bundler/deferred_messages.js'

const FILE = join(import.meta.dirname, '../../../connector/node_modules/baileys/WAProto/index.js')

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    return url.endsWith('?deferred') ? { ...loaded, source: deferMessages(String(loaded.source)) } : loaded
  }
})

/**
 * Names of all messages and enums, with the defaults of their fields.
 * @param {any} holder
 * @returns {any}
 */
function shapeOf(holder) {
  const members = Object.entries(holder).map(([name, value]) => {
    if (typeof value !== 'function') return [name, typeof value === 'object' ? shapeOf(value) : value]
    const defaults = Object.entries(value.prototype).map(([name, field]) => [name, textIfFunction(field)])
    return [name, { defaults, ...shapeOf(value), text: /^[A-Z]/.test(name) ? '' : `${value}` }]
  })
  return Object.fromEntries(members)
}

/** @param {unknown} value */
const textIfFunction = value => (typeof value === 'function' ? `${value}` : value)

/** A message with messages in it, as bytes, and what is read from them. @param {any} proto */
function seal({ Message, WebMessageInfo }) {
  const contextInfo = { stanzaId: 'A', quotedMessage: { conversation: 'before' }, mentionedJid: ['1@lid', '2@lid'] }
  const message = {
    extendedTextMessage: { text: 'text', contextInfo },
    messageContextInfo: { deviceListMetadata: { senderTimestamp: 1 }, messageSecret: Buffer.alloc(32, 1) }
  }
  const info = WebMessageInfo.create({ key: { id: 'B' }, message, status: WebMessageInfo.Status.READ })
  const bytes = WebMessageInfo.encode(info).finish()
  const pollUpdate = Message.PollUpdateMessage.create({ pollCreationMessageKey: { id: 'C' } })
  return [bytes, WebMessageInfo.decode(bytes).toJSON?.(), Message.PollUpdateMessage.encode(pollUpdate).finish()]
}

/** One after the other: both register themselves in the same place. */
const plain = await import(FILE).then(({ proto }) => ({ shape: shapeOf(proto), sealed: seal(proto) }))
const { proto } = await import(`${FILE}?deferred`)

test('a message is built at its first use, and stays the same', () => {
  const isBuilt = () => 'value' in (Object.getOwnPropertyDescriptor(proto, 'ADVKeyIndexList') ?? {})
  assert.equal(isBuilt(), false)
  const first = proto.ADVKeyIndexList
  assert.equal(isBuilt(), true)
  assert.equal(proto.ADVKeyIndexList, first)
})

test('a deferred message can be replaced before its first use and afterwards', () => {
  const [{ CertChain }, own] = [proto, {}]
  proto.ADVKeyIndexList = own
  proto.AIHomeState = own
  assert.equal(proto.ADVKeyIndexList, own)
  assert.equal(proto.AIHomeState, own)
  const { decode } = CertChain
  CertChain.decode = own
  assert.equal(proto.CertChain.decode, own)
  CertChain.decode = decode
})

test('every message and enum has its name, its fields and their defaults, and its functions', async () => {
  const { proto } = await import(`${FILE}?again?deferred`)
  assert.deepEqual(shapeOf(proto), plain.shape)
})

test('messages in messages are written and read alike', async () => {
  assert.deepEqual(seal(proto), plain.sealed)
})

test('a file of another shape is refused', () => {
  const source = readFileSync(FILE, 'utf8')
  assert.throws(() => deferMessages(source.replaceAll(' = (function() {', ' = (() => {')), /0 messages/)
  assert.throws(() => deferMessages(source.replace('\n    })();', '\n    }) ();')), /can be deferred/)
})
