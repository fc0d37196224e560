// @ts-check
/**
 * Signatures of Signal (XEdDSA), made with OpenSSL.
 *
 * libsignal 6 makes them in JavaScript (curve25519-js). That takes 18 ms of processor time in a process that has just started, and 5 ms
 * later, for each message to a group. OpenSSL signs with keys of Ed25519 alone, whose secret number is a hash of the key (RFC 8032,
 * 5.1.5); Signal's key is the number itself. So OpenSSL makes the costly part, the point of the nonce, by signing the message with an
 * Ed25519 key for this one signature. Its nonce (RFC 8032, 5.1.6) follows from that key, and what remains is one sum:
 * https://signal.org/docs/specifications/xeddsa/ (section 3.3).
 *
 * That key never leaves this function. It is a hash of the private key, the message and 64 random bytes, as Signal's nonce is. Neither
 * branches nor places in memory depend on a secret. docs/decisions/0042 has the reasons.
 */

import { createHash, createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto'
import { SenderKeyMessage } from 'baileys/lib/Signal/Group/index.js'
import { edwardsKey, isEdwardsSignature } from './signatures.js'

/** First bytes of a private key in PKCS #8 (RFC 8410): of Curve25519, and of Ed25519. */
const CURVE_HEAD = Buffer.from('302e020100300506032b656e04220420', 'hex')
const EDWARDS_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')

const KEY_LENGTH = 32

/** No point begins like this, so no hash serves two purposes: `hash1` of XEdDSA. */
const SEPARATOR = Buffer.from(`fe${'ff'.repeat(31)}`, 'hex')
const RANDOM_BYTES = 64

/** The order of the base point, 2^252 + 27742317777372353535851937790883648493, as digits to the base of 256, the lowest first. */
const ORDER = Buffer.from('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010', 'hex')

/** Digits of a sum before it is reduced: of a hash, or of the product of two numbers below the order. */
const DIGITS = 64

/**
 * @param {Uint8Array} privateKey of Curve25519
 * @param {Uint8Array} message
 * @returns {Buffer} 64 bytes
 */
export function signBy(privateKey, message) {
  if (privateKey?.length !== KEY_LENGTH) throw new TypeError('a private key has 32 bytes')
  const secret = clamped(privateKey)
  const seed = hash(SEPARATOR, secret, message, randomBytes(RANDOM_BYTES)).subarray(0, KEY_LENGTH)
  const point = sign(null, message, keyOf(EDWARDS_HEAD, seed)).subarray(0, KEY_LENGTH)
  const nonce = hash(hash(seed).subarray(KEY_LENGTH), message)
  const publicKey = createPublicKey(keyOf(CURVE_HEAD, privateKey)).export({ format: 'der', type: 'spki' })
  // The public key says of x only that it is one of two numbers. The signature carries which.
  for (const half of [0, 0x80]) {
    const key = edwardsKey(publicKey.subarray(-KEY_LENGTH), half)
    const signature = Buffer.concat([point, sumOf(nonce, reduced(hash(point, key, message)), secret)])
    if (!isEdwardsSignature(key, message, signature)) continue
    signature.writeUInt8(signature.readUInt8(DIGITS - 1) | half, DIGITS - 1)
    return signature
  }
  throw new Error('OpenSSL has made another nonce than RFC 8032 says')
}

/** Makes Baileys sign messages to groups with OpenSSL. */
export function signSenderKeyMessages() {
  const prototype = /** @type {{getSignature: unknown}} */ (/** @type {unknown} */ (SenderKeyMessage.prototype))
  prototype.getSignature = signBy
}

/** The number that a private key of Curve25519 stands for. @param {Uint8Array} key */
function clamped(key) {
  const number = Buffer.from(key)
  number.writeUInt8(number.readUInt8(0) & 0xf8, 0)
  number.writeUInt8((number.readUInt8(KEY_LENGTH - 1) & 0x7f) | 0x40, KEY_LENGTH - 1)
  return number
}

/** @param {Buffer} head @param {Uint8Array} key */
const keyOf = (head, key) => createPrivateKey({ key: Buffer.concat([head, key]), format: 'der', type: 'pkcs8' })

/** @param {Uint8Array[]} parts */
const hash = (...parts) => createHash('sha512').update(Buffer.concat(parts)).digest()

/** a + b · c, modulo the order. @param {Uint8Array} a 64 bytes @param {Uint8Array} b @param {Uint8Array} c */
function sumOf(a, b, c) {
  const digits = Float64Array.from(a)
  for (let i = 0; i < KEY_LENGTH; i++)
    for (let j = 0; j < KEY_LENGTH; j++)
      digits[i + j] = /** @type {number} */ (digits[i + j]) + Number(b[i]) * Number(c[j])
  return reduced(digits)
}

/**
 * A number modulo the order, 32 bytes. It takes the same steps for every number, as in TweetNaCl.
 * @param {ArrayLike<number>} number 64 digits to the base of 256, which may be larger than 255
 */
export function reduced(number) {
  const digits = Float64Array.from(number)
  const at = (/** @type {number} */ i) => /** @type {number} */ (digits[i])
  const order = (/** @type {number} */ i) => /** @type {number} */ (ORDER[i])
  // 2^256 is 16 · 2^252, and 2^252 is minus the lower digits of the order. Each upper digit goes to the lower ones, from the top.
  for (let i = DIGITS - 1; i >= KEY_LENGTH; i--) {
    let carry = 0
    const first = i - KEY_LENGTH
    for (let j = first; j < first + 20; j++) {
      digits[j] = at(j) + carry - 16 * at(i) * order(j - first)
      carry = Math.floor((at(j) + 128) / 256)
      digits[j] = at(j) - 256 * carry
    }
    digits[first + 20] = at(first + 20) + carry
    digits[i] = 0
  }
  // What is above 2^252 now, and a last time the order, if that was too much.
  const times = at(KEY_LENGTH - 1) >> 4
  const excess = spread(-times)
  spread(-excess)
  return Buffer.from(digits.subarray(0, KEY_LENGTH))

  /** Adds the order so many times, and brings each digit below 256. Returns what does not fit. @param {number} times */
  function spread(times) {
    let carry = 0
    for (let i = 0; i < KEY_LENGTH; i++) {
      const digit = at(i) + carry + times * order(i)
      carry = digit >> 8
      digits[i] = digit & 0xff
    }
    return carry
  }
}
