// @ts-check
/**
 * Published signatures that checks disagree about, as OpenSSL and libsignal's JavaScript judge them.
 *
 * Chalkias, Garillot, Nikolaenko: "Taming the Many EdDSAs" (2020), table 5 and its vectors 0 to 9, by their numbers here. Project
 * Wycheproof, ed25519_test.json: "special values for r and s", and signatures whose S is not reduced. They are for Ed25519. A key of
 * XEdDSA is the same point on the Montgomery curve, without the sign of x, which is the highest bit of the signature there.
 */

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { Curve, generateSignalPubKey } from '../../../connector/node_modules/baileys/lib/index.js'
import { isSignedBy } from '../../../connector/messages/signatures.js'

const libsignal = createRequire(import.meta.url)('../../../connector/node_modules/libsignal/src/curve.js')

/** The prime of the curve, and the order of its base point. */
const P = 2n ** 255n - 19n
const L = 2n ** 252n + 27742317777372353535851937790883648493n

/** Message, public key and signature of Ed25519, in hexadecimal. */
const TAMING = [
  [
    '8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a0000000000000000000000000000000000000000000000000000000000000000'
  ],
  [
    '9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    'f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04'
  ],
  [
    'aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab',
    'f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e'
  ],
  [
    '9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79',
    'cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d',
    '9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009'
  ],
  [
    'e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c',
    'cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d',
    '160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed5125ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09'
  ],
  [
    'e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c',
    'cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d',
    '21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405'
  ],
  [
    '85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40',
    '442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623',
    'e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514'
  ],
  [
    '85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40',
    '442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623',
    '8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa19427e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22'
  ],
  [
    'fdaebc429f4a735932a160da1301080c13280eea8bc280d1b392c6b9e6ba3a5a',
    'f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f454d370c8d9fc323a41450f8d513eafeb5b0697390c1e505a0d4ddc71f566607'
  ],
  [
    '84b698d39be126ff55fe45079e6c8bf64a0d7db6994560b4e96b7021eb39c1a1',
    'f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f084d5b99c2a9463d9c8bd5026916996984eeec87ddf1d3be329006ace1b37b09'
  ]
].map(texts => texts.map(text => Buffer.from(text, 'hex')))

/** @param {Uint8Array} bytes */
const numberOf = bytes => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)

/** @param {bigint} number */
const bytesOf = number => Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse()

/** @param {bigint} base @param {bigint} exponent */
function power(base, exponent) {
  let result = 1n
  for (let [b, e] = [base % P, exponent]; e > 0n; e >>= 1n, b = (b * b) % P) if (e & 1n) result = (result * b) % P
  return result
}

/**
 * What both say about a signature of Ed25519, in the form of XEdDSA.
 * @param {Uint8Array | undefined} message
 * @param {Uint8Array | undefined} edwards public key
 * @param {Uint8Array | undefined} signature whose highest bit is 0
 */
function judged(message, edwards, signature) {
  assert.ok(message && edwards && signature)
  const y = numberOf(edwards) % 2n ** 255n
  const key = bytesOf(((1n + y) * power((P + 1n - y) % P, P - 2n)) % P)
  const signed = Buffer.from(signature)
  signed.writeUInt8(signed.readUInt8(63) | (Number(edwards[31]) & 0x80), 63)
  return {
    openssl: isSignedBy(key, message, signed),
    libsignal: libsignal.verifySignature(generateSignalPubKey(key), message, signed)
  }
}

/** What both say about each of the vectors. @param {Uint8Array[][]} vectors */
const outcomes = vectors => vectors.map(([message, key, signature]) => judged(message, key, signature))

/** @param {Uint8Array[][]} vectors @param {(vector: Uint8Array[]) => Uint8Array[]} change */
const changed = (vectors, change) => vectors.map(change)

/** The same signature with S + L, which is S on the curve. @param {Uint8Array[]} vector */
const unreduced = ([message, key, signature]) => {
  assert.ok(message && key && signature)
  return [message, key, Buffer.concat([signature.subarray(0, 32), bytesOf(numberOf(signature.subarray(32)) + L)])]
}

const BOTH_ACCEPT = { openssl: true, libsignal: true }
const BOTH_REFUSE = { openssl: false, libsignal: false }
const ONLY_LIBSIGNAL_ACCEPTS = { openssl: false, libsignal: true }

test('points of mixed order count like others, and a signature is not multiplied by the cofactor', () => {
  assert.deepEqual(outcomes(TAMING.slice(3, 6)), [BOTH_ACCEPT, BOTH_REFUSE, BOTH_REFUSE])
})

test('a point R that is not encoded as it should be is refused', () => {
  assert.deepEqual(outcomes(TAMING.slice(8)), [BOTH_REFUSE, BOTH_REFUSE])
})

test('a key or an R of small order is refused, though libsignal accepts it', () => {
  assert.deepEqual(outcomes(TAMING.slice(0, 3)), Array(3).fill(ONLY_LIBSIGNAL_ACCEPTS))
})

test('an S above the order is refused, though libsignal accepts it', () => {
  assert.deepEqual(outcomes(TAMING.slice(6, 8)), Array(2).fill(ONLY_LIBSIGNAL_ACCEPTS))
  assert.deepEqual(outcomes(changed(TAMING.slice(3, 4), unreduced)), [ONLY_LIBSIGNAL_ACCEPTS])
})

test('special values of R and S are refused for a key with either sign', () => {
  const message = Buffer.from('3f', 'hex')
  const keys = [
    '7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa',
    TAMING[3]?.[1]?.toString('hex') ?? ''
  ]
  const special = [0n, 1n, L - 1n, L, L + 1n, P - 1n, P, P + 1n]
  const vectors = keys.flatMap(key =>
    special.flatMap(r => special.map(s => [message, Buffer.from(key, 'hex'), Buffer.concat([bytesOf(r), bytesOf(s)])]))
  )
  assert.deepEqual(outcomes(vectors), Array(vectors.length).fill(BOTH_REFUSE))
})

test('every signature of 40 keys is judged alike, whole and with a wrong bit, with both signs', () => {
  const signs = new Set()
  for (let n = 0; n < 40; n++) {
    const { private: secret, public: key } = Curve.generateKeyPair()
    const message = Buffer.alloc(n, n)
    const signature = Buffer.from(Curve.sign(secret, message))
    signs.add(signature.readUInt8(63) >> 7)
    assert.equal(isSignedBy(key, message, signature), true)
    const bit = (n * 137) % 512
    signature.writeUInt8(signature.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
    assert.equal(isSignedBy(key, message, signature), false)
    if (n % 10 === 0) assert.equal(libsignal.verifySignature(generateSignalPubKey(key), message, signature), false)
  }
  assert.deepEqual(signs, new Set([0, 1]))
})
