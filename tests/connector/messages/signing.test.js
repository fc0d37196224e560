// @ts-check
/** Signatures as OpenSSL makes them, against libsignal's own check in JavaScript. */

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { Curve, generateSignalPubKey } from '../../../connector/node_modules/baileys/lib/index.js'
import { SenderKeyMessage } from '../../../connector/node_modules/baileys/lib/Signal/Group/index.js'
import { isSignedBy } from '../../../connector/messages/signatures.js'
import { reduced, signBy, signSenderKeyMessages } from '../../../connector/messages/signing.js'

const libsignal = createRequire(import.meta.url)('../../../connector/node_modules/libsignal/src/curve.js')

/** The order of the base point. */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n

/** @param {Iterable<number>} digits to the base of 256, the lowest first */
const numberOf = digits => [...digits].reduceRight((sum, digit) => sum * 256n + BigInt(digit), 0n)

test('a signature is accepted by libsignal and by OpenSSL, whatever the key and the message', () => {
  const halves = new Set()
  for (let n = 0; n < 40; n++) {
    const { private: secret, public: key } = Curve.generateKeyPair()
    const message = n % 2 ? randomBytes(n * 7) : new Uint8Array(n)
    const signature = signBy(secret, message)
    halves.add(signature.readUInt8(63) >> 7)
    assert.equal(signature.length, 64)
    assert.equal(libsignal.verifySignature(generateSignalPubKey(key), message, signature), true)
    assert.equal(isSignedBy(key, message, signature), true)
  }
  assert.deepEqual(halves, new Set([0, 1])) // both halves of the curve
})

test('a private key that is not clamped signs as the number that it stands for', () => {
  for (const secret of [Buffer.alloc(32), Buffer.alloc(32, 0xff), Buffer.alloc(32, 1), randomBytes(32)]) {
    const key = libsignal.getPublicFromPrivateKey(secret)
    assert.equal(libsignal.verifySignature(key, Buffer.from('signed'), signBy(secret, Buffer.from('signed'))), true)
  }
})

test('no nonce is used twice, not even for the same message', () => {
  const { private: secret } = Curve.generateKeyPair()
  const points = Array.from({ length: 20 }, () => signBy(secret, Buffer.from('signed')).toString('hex', 0, 32))
  assert.equal(new Set(points).size, points.length)
})

test('a signature is refused for another message and for another key', () => {
  const [{ private: secret, public: key }, other] = [Curve.generateKeyPair(), Curve.generateKeyPair()]
  const signature = signBy(secret, Buffer.from('signed'))
  assert.equal(isSignedBy(key, Buffer.from('other'), signature), false)
  assert.equal(isSignedBy(other.public, Buffer.from('signed'), signature), false)
})

test('a number is reduced as big integers say, next to multiples of the order and at the largest digits', () => {
  const bytesOf = (/** @type {bigint} */ number) => Buffer.from(number.toString(16).padStart(128, '0'), 'hex').reverse()
  const near = [0n, 1n, 2n, 15n, 16n, 17n, 2n ** 128n, 2n ** 259n].flatMap(times =>
    [-1n, 0n, 1n].map(step => times * ORDER + step).filter(number => number >= 0n)
  )
  const most = 255 + 32 * 255 * 255 // of a product and a hash
  const samples = [
    ...near.map(bytesOf),
    ...Array.from({ length: 200 }, () => randomBytes(64)),
    ...Array.from({ length: 200 }, () => Float64Array.from(randomBytes(64), digit => (digit * most) / 255)),
    new Float64Array(64).fill(most)
  ]
  for (const sample of samples) {
    const digits = Float64Array.from(sample, Math.floor)
    assert.equal(numberOf(reduced(digits)), numberOf(digits) % ORDER)
  }
})

test('what is no private key signs nothing', () => {
  for (const bad of [undefined, Buffer.alloc(0), Buffer.alloc(31), Buffer.alloc(33)])
    assert.throws(() => signBy(/** @type {any} */ (bad), Buffer.from('signed')), TypeError)
})

test('Baileys signs messages to groups with OpenSSL', () => {
  signSenderKeyMessages()
  const { getSignature } = /** @type {any} */ (SenderKeyMessage.prototype)
  assert.equal(getSignature, signBy)
  const { private: secret, public: key } = Curve.generateKeyPair()
  const sealed = new SenderKeyMessage(1, 2, Buffer.from('sealed'), Buffer.from(secret)).serialize()
  const [message, signature] = [sealed.subarray(0, -64), sealed.subarray(-64)]
  assert.equal(libsignal.verifySignature(generateSignalPubKey(key), message, signature), true)
})
