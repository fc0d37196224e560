// @ts-check
/** Curve25519 keys made from a text, and a check of signatures. */

import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'
import { generateSignalPubKey } from 'baileys'
import * as curve from 'libsignal/src/curve.js'

/** @import { KeyPair } from 'baileys' */

/** Bytes before the 32 bytes of an X25519 private key in PKCS #8 (RFC 8410). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b656e04220420', 'hex')

/**
 * Makes a key pair from a text. The same text gives the same pair, so nothing is stored.
 * @param {string} text
 * @returns {KeyPair}
 */
export function keyPairFrom(text) {
  return keyPairOf(createHash('sha256').update(text).digest())
}

/**
 * @param {Uint8Array} secret 32 bytes
 * @returns {KeyPair}
 */
export function keyPairOf(secret) {
  const der = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, secret]), format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(der).export({ format: 'der', type: 'spki' })
  return { private: Buffer.from(secret), public: spki.subarray(-32) }
}

/**
 * Checks an XEdDSA signature. Baileys' own `Curve.verify` accepts every signature (7.0.0-rc14).
 * @param {Uint8Array} publicKey
 * @param {Uint8Array} message
 * @param {Uint8Array} signature
 */
export function isSignedBy(publicKey, message, signature) {
  try {
    return curve.verifySignature(Buffer.from(generateSignalPubKey(publicKey)), message, signature) === true
  } catch {
    return false
  }
}
