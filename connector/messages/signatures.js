// @ts-check
/**
 * Signatures of Signal (XEdDSA), checked by OpenSSL.
 *
 * Baileys 7.0.0-rc14 checks them in JavaScript (libsignal 6, curve25519-js), which takes some 5 ms of processor time, and every
 * message of a group has one. An XEdDSA signature is an Ed25519 signature by the same key; the public Ed25519 key is computed from
 * the Curve25519 key: https://signal.org/docs/specifications/xeddsa/ (sections 2.3 and 3.2). OpenSSL takes 0.1 ms.
 */

import { createPublicKey, verify } from 'node:crypto'

/** First bytes of an Ed25519 key in SubjectPublicKeyInfo (RFC 8410). */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex')

/** The prime of both curves. */
const P = 2n ** 255n - 19n

const KEY_LENGTH = 32
const SIGNATURE_LENGTH = 64

/** The byte that Signal writes before a public key. */
const KEY_TYPE = 5

/**
 * @param {Uint8Array} publicKey of Curve25519, with or without the byte of its type
 * @param {Uint8Array} message
 * @param {Uint8Array} signature
 */
export function isSignedBy(publicKey, message, signature) {
  const key = publicKey.length === KEY_LENGTH + 1 && publicKey[0] === KEY_TYPE ? publicKey.subarray(1) : publicKey
  if (key.length !== KEY_LENGTH || signature.length !== SIGNATURE_LENGTH) return false
  const last = SIGNATURE_LENGTH - 1
  const [plain, sign] = [Buffer.from(signature), Number(signature[last]) & 0x80]
  plain.writeUInt8(Number(signature[last]) & 0x7f, last)
  return isEdwardsSignature(edwardsKey(key, sign), message, plain)
}

/**
 * Whether it is an Ed25519 signature.
 * @param {Uint8Array} key of Ed25519
 * @param {Uint8Array} message
 * @param {Uint8Array} signature
 */
export function isEdwardsSignature(key, message, signature) {
  try {
    const spki = Buffer.concat([SPKI_HEAD, key])
    return verify(null, message, createPublicKey({ key: spki, format: 'der', type: 'spki' }), signature)
  } catch {
    return false // not a point of the curve
  }
}

/**
 * The same key on the Edwards curve: y = (u - 1) / (u + 1).
 * @param {Uint8Array} key
 * @param {number} sign the bit of x, which the signature carries
 */
export function edwardsKey(key, sign) {
  const u = littleEndian(key) % 2n ** 255n
  const y = modulo((u - 1n) * inverse(modulo(u + 1n)))
  const bytes = Buffer.from(y.toString(16).padStart(2 * KEY_LENGTH, '0'), 'hex').reverse()
  bytes.writeUInt8(bytes.readUInt8(KEY_LENGTH - 1) | sign, KEY_LENGTH - 1)
  return bytes
}

/** By Euclid; 0 for 0. @param {bigint} value */
function inverse(value) {
  let [a, b, x, y] = [value, P, 1n, 0n]
  while (a > 1n) {
    const quotient = a / b
    ;[a, b] = [b, a % b]
    ;[x, y] = [y, x - quotient * y]
    if (b === 0n) break
  }
  return value === 0n ? 0n : modulo(x)
}

/** @param {bigint} value */
const modulo = value => ((value % P) + P) % P

/** @param {Uint8Array} bytes */
const littleEndian = bytes => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
