// @ts-check
/** Limits of what WhatsApp's side may send: at the limit, and one beyond. */

import '../../../connector/process/silence_libraries.js'
import { MAX_FRAGMENTS, MAX_MESSAGE_BYTES, MAX_STANZA_BYTES } from '../../../connector/network/inbound_limits.js'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { deflateSync } from 'node:zlib'
import { decompressingIfRequired } from '../../../connector/node_modules/baileys/lib/WABinary/decode.js'
// @ts-expect-error - ws ships no types
import WebSocket, { WebSocketServer } from '../../../connector/node_modules/ws/wrapper.mjs'

/** @param {number} length bytes of the inflated stanza */
const inflated = length => decompressingIfRequired(Buffer.concat([Buffer.of(2), deflateSync(Buffer.alloc(length))]))

test('a stanza may inflate to what a frame can hold', async () => {
  assert.equal((await inflated(MAX_STANZA_BYTES)).length, MAX_STANZA_BYTES)
})

test('a stanza that inflates to more is refused', async () => {
  await assert.rejects(inflated(MAX_STANZA_BYTES + 1), { code: 'ERR_BUFFER_TOO_LARGE' })
})

/** How often each one-byte message of `fragments` fragments is received. @param {import('node:test').TestContext} t @param {number} fragments */
const receivedInFragments = async (t, fragments) => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  t.after(() => server.close())
  server.on('connection', (/** @type {any} */ socket) => {
    socket.on('error', () => {}) // the client refuses the message
    const frames = Buffer.alloc(fragments * 3)
    // RFC 6455, 5.2: opcode 2 (binary) in the first frame, 0 in the others, the bit 0x80 in the last; then the length.
    for (let at = 0; at < frames.length; at += 3) frames.set([at === 0 ? 2 : 0, 1, 0], at)
    frames[frames.length - 3] |= 0x80
    socket._socket.write(frames)
  })
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const client = new WebSocket(`ws://127.0.0.1:${port}`)
  t.after(() => client.terminate())
  const [message] = await once(client, 'message')
  return message.length
}

test('a message of as many fragments as the limit is taken', async t => {
  assert.equal(await receivedInFragments(t, MAX_FRAGMENTS), MAX_FRAGMENTS)
})

for (const fragments of [MAX_FRAGMENTS + 1, 4_000_000]) {
  test(`a message of ${fragments} fragments is refused`, async t => {
    const before = process.memoryUsage.rss()
    await assert.rejects(receivedInFragments(t, fragments), { code: 'WS_ERR_TOO_MANY_BUFFERED_PARTS' })
    assert.ok(process.memoryUsage.rss() - before < 100 * 2 ** 20)
  })
}

for (const perMessageDeflate of [false, true]) {
  const how = perMessageDeflate ? 'compressed' : 'plain'

  /** A message of so many bytes from a server. @param {import('node:test').TestContext} t @param {number} length */
  const received = async (t, length) => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate })
    t.after(() => server.close())
    server.on('connection', (/** @type {any} */ socket) => {
      socket.on('error', () => {}) // the client refuses the message
      socket.send(Buffer.alloc(length))
    })
    await once(server, 'listening')
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
    const client = new WebSocket(`ws://127.0.0.1:${port}`)
    t.after(() => client.terminate())
    const [message] = await once(client, 'message')
    return message.length
  }

  test(`a ${how} message of the limit is taken`, async t => {
    assert.equal(await received(t, MAX_MESSAGE_BYTES), MAX_MESSAGE_BYTES)
  })

  test(`a ${how} message of one byte more is refused`, async t => {
    await assert.rejects(received(t, MAX_MESSAGE_BYTES + 1), { code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' })
  })
}
