// @ts-check
/**
 * Internals of Baileys that the connector uses beyond the documented interface. If a new Baileys lacks one, the message names the
 * file to look at. docs/how-to/baileys.md has the list, with the internals that other tests hold.
 */

import '../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as baileys from '../../connector/node_modules/baileys/lib/index.js'
import logger from '../../connector/node_modules/baileys/lib/Utils/logger.js'
import { Pairs } from '../../connector/messages/lid_pairs.js'
import { openLidMapping } from '../../connector/messages/lid_mapping.js'
import { openCredentials } from '../../connector/storage/credentials.js'
import { openConnectorDatabase } from '../../connector/storage/database.js'
import { connect, newDevice, openSandbox } from '../support/connector/sandbox_client.js'

const { addTransactionCapability, Curve, DEFAULT_CONNECTION_CONFIG, proto, WA_CERT_DETAILS } = baileys

/** @param {string} name a module that Baileys does not export */
const inside = name => import(`../../connector/node_modules/${name}`)

/** @param {string} what @param {string} file */
const look = (what, file) => `${what}: look at connector/${file}`

test('the root key of WhatsApp is known to Baileys', () => {
  assert.equal(
    WA_CERT_DETAILS.PUBLIC_KEY?.length,
    32,
    look('Baileys names no root key', 'session/server_identity.js and connector/network/certificate_check.js')
  )
  assert.equal(WA_CERT_DETAILS.SERIAL, 0, look('The root has another serial', 'network/certificate_check.js'))
})

test('what checks signatures and certificates can be replaced', () => {
  for (const [object, name] of /** @type {[any, string][]} */ ([
    [Curve, 'verify'],
    [Curve, 'sharedKey'],
    [proto.CertChain, 'decode']
  ])) {
    const { writable } = Object.getOwnPropertyDescriptor(object, name) ?? {}
    assert.ok(writable, look(`Baileys lets nobody replace ${name}`, 'network/certificate_check.js'))
  }
})

test('libsignal tells a wrong signature from a right one', () => {
  const curve = createRequire(join(import.meta.dirname, '../../connector/main.js'))('libsignal/src/curve.js')
  const { public: key, private: secret } = Curve.generateKeyPair()
  const [text, other] = [Buffer.from('text'), Buffer.from('other')]
  const signature = Curve.sign(secret, text)
  const isRight = (/** @type {Buffer} */ message) =>
    curve.verifySignature(baileys.generateSignalPubKey(key), message, signature)
  assert.deepEqual(
    [isRight(text), isRight(other)],
    [true, false],
    look('libsignal checks signatures in another way', 'network/certificate_check.js')
  )
})

test('the logger of Baileys is silent before Baileys is loaded', () => {
  assert.equal(logger.level, 'silent', look('Baileys logs through another module', 'process/silence_libraries.js'))
})

test('a socket has an event for each frame that comes, and its `send` can be replaced', async t => {
  const sandbox = await openSandbox(t)
  const { socket, qr } = await connect(t, sandbox.url)
  const { socket: inner } = /** @type {any} */ (socket.ws)
  assert.equal(
    typeof inner?.send,
    'function',
    look('The WebSocket of Baileys cannot be reached', 'network/frame_monitor.js')
  )
  assert.equal(
    typeof inner?.terminate,
    'function',
    look('The WebSocket of Baileys cannot be cut', 'session/socket_endings.js')
  )
  const frame = once(socket.ws, 'frame', { signal: AbortSignal.timeout(10_000) })
  await frame.catch(() => assert.fail(look('Baileys tells frames in another way', 'network/frame_monitor.js')))
  await qr() // a handshake that is cut off in the middle keeps the process alive
})

test('messages and receipts have one listener each, and their queues can be replaced', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await connect(t, sandbox.url)
  for (const tag of ['message', 'receipt', 'notification'])
    assert.equal(
      socket.ws.listenerCount(`CB:${tag}`),
      1,
      look(`Baileys handles each ${tag} in another way`, 'messages/order.js')
    )
  for (const name of /** @type {const} */ (['messageMutex', 'notificationMutex', 'receiptMutex']))
    assert.equal(typeof socket[name]?.mutex, 'function', look(`Baileys has no ${name}`, 'messages/order.js'))
})

test('one listener handles a phone that cannot have linked devices', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await connect(t, sandbox.url)
  const count = socket.ws.listenerCount('CB:ib,,downgrade_webclient')
  assert.equal(count, 1, look('Baileys ends a socket after such a scan in another way', 'session/socket_endings.js'))
})

test('messages are decrypted by two functions of a repository that can be replaced', () => {
  const auth = /** @type {any} */ ({
    creds: newDevice().creds,
    keys: addTransactionCapability(newDevice().keys, logger, { maxCommitRetries: 1, delayBetweenTriesMs: 1 })
  })
  const repository = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(auth, logger, async () => [])
  for (const name of /** @type {const} */ ([
    'decryptMessage',
    'decryptGroupMessage',
    'processSenderKeyDistributionMessage'
  ]))
    assert.equal(
      typeof repository[name],
      'function',
      look(`Baileys decrypts without ${name}`, 'messages/decryption.js')
    )
})

test('numbers and LIDs that the connector has written are found by Baileys', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'motte-internals-'))
  const database = openConnectorDatabase(folder)
  t.after(() => {
    database.close()
    rmSync(folder, { recursive: true })
  })
  const pairs = new Pairs()
  pairs.add(Buffer.from('4915112345678'), 13, Buffer.from('909913313250243'), 15)
  openLidMapping(database.connection).write(pairs)
  const { keys } = openCredentials(database).state
  const auth = /** @type {any} */ ({
    creds: newDevice().creds,
    keys: addTransactionCapability(keys, logger, { maxCommitRetries: 1, delayBetweenTriesMs: 1 })
  })
  const { lidMapping } = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(auth, logger, async () => [])
  const lid = await lidMapping?.getLIDForPN?.('4915112345678@s.whatsapp.net')
  assert.match(lid ?? '', /^909913313250243@lid$/, look('Baileys keeps LIDs in another way', 'messages/lid_mapping.js'))
  const number = await lidMapping?.getPNForLID?.('909913313250243@lid')
  assert.match(
    number ?? '',
    /^4915112345678\b.*@s\.whatsapp\.net$/,
    look('Baileys keeps numbers in another way', 'messages/lid_mapping.js')
  )
})

test('a transaction of keys joins the one around it, and takes kinds of keys that Baileys does not know', async () => {
  /** @type {any[]} */
  const written = []
  const store = {
    get: async () => ({}),
    set: async (/** @type {any} */ changes) => void written.push(structuredClone(changes))
  }
  const keys = addTransactionCapability(/** @type {any} */ (store), logger, {
    maxCommitRetries: 1,
    delayBetweenTriesMs: 1
  })
  await keys.transaction(async () => {
    await keys.transaction(async () => keys.set(/** @type {any} */ ({ session: { one: Buffer.from('key') } })), 'same')
    await keys.set(/** @type {any} */ ({ 'motte-message': { id: { text: 'kept' } } }))
  }, 'same')
  const kinds = written.map(changes => Object.keys(changes).toSorted())
  assert.deepEqual(
    kinds,
    [['motte-message', 'session']],
    look('Transactions of Baileys work in another way', 'messages/decryption.js')
  )
})

test('the functions that read stanzas and messages are exported', () => {
  for (const name of ['decodeMessageNode', 'unpadRandomMax16', 'getBinaryNodeChild', 'jidDecode'])
    assert.equal(
      typeof (/** @type {any} */ (baileys)[name]),
      'function',
      look(`Baileys exports no ${name}`, 'messages/inbound.js and connector/messages/normalize.js')
    )
})

test('the messages of groups have a class whose check of signatures can be replaced', async () => {
  const { SenderKeyMessage } = await inside('baileys/lib/Signal/Group/index.js')
  assert.equal(
    typeof SenderKeyMessage?.prototype.verifySignature,
    'function',
    look('Baileys reads messages of groups in another way', 'messages/sender_keys.js')
  )
})

test('docs/how-to/baileys.md names the files of the connector that lean on internals', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/how-to/baileys.md'), 'utf8')
  const named = new Set([...text.matchAll(/`connector\/([a-z_/]+\.js)`/g)].map(([, name]) => name))
  for (const name of named) readFileSync(join(import.meta.dirname, '../../connector', String(name)))
  for (const name of [
    'messages/order.js',
    'messages/deadlines.js',
    'messages/lid_mapping.js',
    'session/socket_endings.js',
    'messages/decryption.js',
    'session/own_queries.js',
    'pairing/pair_device.js',
    'process/silence_libraries.js',
    'messages/sender_keys.js',
    'network/certificate_check.js',
    'network/frame_monitor.js'
  ])
    assert.ok(named.has(name), `docs/how-to/baileys.md does not name connector/${name}`)
})

test('the table of abbreviations has no words of JavaScript', async () => {
  const { TOKEN_MAP } = await inside('baileys/lib/WABinary/constants.js')
  await import('../../connector/network/binary_tokens.js')
  const encoded = baileys.encodeBinaryNode({ tag: 'receipt', attrs: { id: 'constructor', to: '__proto__' } })
  const { attrs } = await baileys.decodeBinaryNode(encoded)
  assert.deepEqual({ ...attrs }, { id: 'constructor', to: '__proto__' })
  assert.ok(TOKEN_MAP.receipt, look('Baileys abbreviates in another way', 'network/binary_tokens.js'))
})
