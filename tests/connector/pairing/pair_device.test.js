// @ts-check
/** Comparison with Baileys: the codes and requests that Motte makes in its place. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { companionHello, makePairingCode } from '../../../connector/pairing/companion_hello.js'
import { qrText, receiveRefs } from '../../../connector/pairing/pair_device.js'
import { LinkCode } from '../../../connector/sandbox/protocol/link_code.js'
import { connect, openSandbox, ping } from '../../support/connector/sandbox_client.js'

/** @import { BinaryNode } from '../../../connector/node_modules/baileys/lib/index.js' */

const EVENT = 'CB:iq,type:set,pair-device'

test('Baileys shows codes in one listener, which can be replaced', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await connect(t, sandbox.url)
  assert.equal(
    socket.ws.listenerCount(EVENT),
    1,
    'Baileys shows QR codes in another way: look at connector/pairing/pair_device.js'
  )
})

test('Baileys does nothing about a registration refresh', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await connect(t, sandbox.url)
  const count = socket.ws.listenerCount('CB:notification,type:companion_reg_refresh')
  assert.equal(
    count,
    0,
    'Baileys answers a registration refresh itself: look at connector/pairing/registration_refresh.js'
  )
})

test('a Baileys that shows codes in another way is refused', () => {
  const ws = /** @type {any} */ (new EventEmitter())
  const receive = () => receiveRefs({ ws, sendNode: async () => {} }, () => {})
  assert.throws(receive, /Baileys shows QR codes in another way than it did/)
})

test('the text of a code is the same as that of Baileys', async t => {
  const sandbox = await openSandbox(t)
  const client = await connect(t, sandbox.url)
  const theirs = await client.qr()
  const [, ref = ''] = theirs.split(/[#,]/)
  assert.equal(
    qrText(ref, client.auth.creds),
    theirs,
    'Baileys makes other QR texts: look at connector/pairing/pair_device.js'
  )
})

test('the request for a pairing code is the same as that of Baileys, except for the nonce', async t => {
  const sandbox = await openSandbox(t)
  /** @type {Record<string, string>[]} */
  const heard = []
  t.mock.method(LinkCode.prototype, 'receive', (/** @type {BinaryNode} */ iq) => heard.push(fieldsOf(iq)))
  const client = await connect(t, sandbox.url)
  await client.qr()
  await client.socket.requestPairingCode('15551234567')
  makePairingCode(client.auth.creds, '15551234567')
  await client.socket.sendNode(await companionHello(client.auth.creds, client.socket.generateMessageTag()))
  await ping(client)
  const [theirs = {}, ours = {}] = heard
  assert.deepEqual(
    ours,
    { ...theirs, link_code_pairing_nonce: '\x00' },
    'Baileys asks in another way: look at connector/pairing/companion_hello.js'
  )
  assert.equal(theirs.link_code_pairing_nonce, '0')
})

/** The request on the wire; of what is new each time, the length. @param {BinaryNode} iq @returns {Record<string, string>} */
function fieldsOf({ attrs: { id, ...attrs }, content }) {
  const [registration] = /** @type {BinaryNode[]} */ (content)
  const fields = /** @type {BinaryNode[]} */ (registration.content).map(({ tag, content }) => {
    const value =
      typeof content === 'string' ? content : Buffer.from(/** @type {Uint8Array} */ (content)).toString('latin1')
    return [tag, tag.endsWith('ephemeral_pub') ? `${value.length} bytes` : value]
  })
  return { ...attrs, ...registration.attrs, ...Object.fromEntries(fields) }
}
