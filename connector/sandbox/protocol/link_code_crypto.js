// @ts-check
/** Encryption of a link code: keys that are wrapped with the code, and the secret that phone and device then share. */

import { hkdfSync, randomBytes } from 'node:crypto'
import { aesDecryptCTR, aesDecryptGCM, aesEncryptCTR, Curve, derivePairingCodeKey } from 'baileys'
import { conflict } from '../server/refusal.js'

/** @import { Phone } from '../accounts/phone.js' */

/** A wrapped key: salt, counter block, cipher text. */
const SALT_LENGTH = 32
const COUNTER_LENGTH = 16
const IV_LENGTH = 12

/** @typedef {{ bundle: Buffer, identityKey: Buffer }} Finish the answer of the device to a typed code */

/**
 * Encrypts a key with a code.
 * @param {Uint8Array} key
 * @param {string} code
 */
export async function wrap(key, code) {
  const salt = randomBytes(SALT_LENGTH)
  const counter = randomBytes(COUNTER_LENGTH)
  return Buffer.concat([salt, counter, aesEncryptCTR(key, await derivePairingCodeKey(code, salt), counter)])
}

/**
 * Decrypts a wrapped key. A wrong code gives a wrong key.
 * @param {Buffer} wrapped
 * @param {string} code
 */
export async function unwrap(wrapped, code) {
  const salt = wrapped.subarray(0, SALT_LENGTH)
  const counter = wrapped.subarray(SALT_LENGTH, SALT_LENGTH + COUNTER_LENGTH)
  return aesDecryptCTR(wrapped.subarray(SALT_LENGTH + COUNTER_LENGTH), await derivePairingCodeKey(code, salt), counter)
}

/**
 * Derives the adv secret from the device's answer. Throws `wrong-code` if the bundle cannot be decrypted: with a wrong code the
 * device has taken a wrong key for the phone's.
 * @param {Phone} phone
 * @param {Buffer} shared
 * @param {Finish} finish
 */
export function sharedSecret(phone, shared, { bundle, identityKey }) {
  const salt = bundle.subarray(0, SALT_LENGTH)
  const iv = bundle.subarray(SALT_LENGTH, SALT_LENGTH + IV_LENGTH)
  const key = derived(shared, salt, 'link_code_pairing_key_bundle_encryption_key')
  const plain = decrypted(bundle.subarray(SALT_LENGTH + IV_LENGTH), key, iv)
  if (!plain.subarray(0, 32).equals(identityKey)) throw wrongCode()
  const random = plain.subarray(64)
  const identities = Curve.sharedKey(phone.identity.private, identityKey)
  return derived(Buffer.concat([shared, identities, random]), Buffer.alloc(0), 'adv_secret')
}

/**
 * @param {Buffer} sealed
 * @param {Buffer} key
 * @param {Buffer} iv
 */
function decrypted(sealed, key, iv) {
  try {
    return aesDecryptGCM(sealed, key, iv, Buffer.alloc(0))
  } catch {
    throw wrongCode()
  }
}

const wrongCode = () => conflict('wrong-code', 'the phone says that the code is wrong')

/**
 * @param {Buffer} secret
 * @param {Buffer} salt
 * @param {string} info
 */
function derived(secret, salt, info) {
  return Buffer.from(hkdfSync('sha256', secret, salt, info, 32))
}
