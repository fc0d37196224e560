// @ts-check
/** Curve25519 keys made from a text, and signatures that are really checked. */

import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'
import { generateSignalPubKey } from 'baileys'
import * as curve from 'libsignal/src/curve.js'

/** @import { KeyPair } from 'baileys' */

/** What precedes the 32 bytes of an X25519 private key in PKCS #8 (RFC 8410). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b656e04220420', 'hex')

/**
 * The same pair for the same text, for ever: nothing needs to be kept on disk.
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
 * XEdDSA. Baileys' own `Curve.verify` says yes to every signature (7.0.0-rc14), so it is no use here.
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
