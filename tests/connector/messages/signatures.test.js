// @ts-check
/** Signatures as OpenSSL checks them, against libsignal's own check in JavaScript. */

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { Curve, generateSignalPubKey } from '../../../connector/node_modules/baileys/lib/index.js'
import { SenderKeyMessage } from '../../../connector/node_modules/baileys/lib/Signal/Group/index.js'
import { checkSenderKeySignatures } from '../../../connector/messages/sender_keys.js'
import { isSignedBy } from '../../../connector/messages/signatures.js'

const libsignal = createRequire(import.meta.url)('../../../connector/node_modules/libsignal/src/curve.js')

test('a signature of a key is accepted, by libsignal and by OpenSSL', () => {
  const signs = new Set()
  for (let n = 0; n < 20; n++) {
    const { private: secret, public: key } = Curve.generateKeyPair()
    const message = randomBytes(n * 7)
    const signature = Curve.sign(secret, message)
    signs.add(Number(signature[63]) >> 7)
    assert.equal(libsignal.verifySignature(generateSignalPubKey(key), message, signature), true)
    assert.equal(isSignedBy(key, message, signature), true)
    assert.equal(isSignedBy(generateSignalPubKey(key), message, signature), true)
  }
  assert.deepEqual(signs, new Set([0, 1])) // both halves of the curve
})

test('a wrong bit anywhere in the message, the key or the signature is refused', () => {
  const { private: secret, public: key } = Curve.generateKeyPair()
  const message = Buffer.from('signed')
  const signature = Curve.sign(secret, message)
  const flipped = (/** @type {Uint8Array} */ bytes, /** @type {number} */ bit) => {
    const copy = Buffer.from(bytes)
    copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
    return copy
  }
  for (let bit = 0; bit < 512; bit += 5)
    assert.equal(isSignedBy(key, message, flipped(signature, bit)), false, `signature ${bit}`)
  for (let bit = 0; bit < 255; bit += 5)
    assert.equal(isSignedBy(flipped(key, bit), message, signature), false, `key ${bit}`)
  for (let bit = 0; bit < 48; bit += 5)
    assert.equal(isSignedBy(key, flipped(message, bit), signature), false, `message ${bit}`)
})

test('bytes that are not a key or a signature are refused', () => {
  const { private: secret, public: key } = Curve.generateKeyPair()
  const signature = Curve.sign(secret, Buffer.from('signed'))
  const message = Buffer.from('signed')
  for (const bad of [
    Buffer.alloc(0),
    Buffer.alloc(31),
    Buffer.alloc(33),
    Buffer.alloc(32),
    Buffer.alloc(32, 0xff),
    Buffer.from([0xec, ...Buffer.alloc(30, 0xff), 0x7f])
  ]) {
    assert.equal(isSignedBy(bad, message, signature), false)
  }
  for (const bad of [Buffer.alloc(0), Buffer.alloc(63), Buffer.alloc(65), Buffer.alloc(64), Buffer.alloc(64, 0xff)]) {
    assert.equal(isSignedBy(key, message, bad), false)
  }
})

test('Baileys checks the signatures of group messages with OpenSSL, and refuses a wrong one', () => {
  checkSenderKeySignatures()
  const { private: secret, public: key } = Curve.generateKeyPair()
  const sealed = new SenderKeyMessage(1, 2, Buffer.from('sealed'), Buffer.from(secret)).serialize()
  const read = new SenderKeyMessage(null, null, null, null, sealed)
  read.verifySignature(generateSignalPubKey(key))
  assert.throws(() => read.verifySignature(generateSignalPubKey(Curve.generateKeyPair().public)), /Invalid signature!/)
})
