// @ts-check
/**
 * Keys of Signal messages, derived by OpenSSL in one step.
 *
 * libsignal 6.0.0 makes them of four HMACs, one after the other. Node takes longer to begin an HMAC than to compute it.
 */

import { hkdfSync } from 'node:crypto'
import * as module from 'libsignal/src/crypto.js'

const KEY_BYTES = 32

const crypto = /** @type {{default: {deriveSecrets: typeof deriveSecrets}}} */ (/** @type {unknown} */ (module)).default

/**
 * HKDF with SHA-256 (RFC 5869), as keys of 32 bytes.
 * @param {Buffer} input
 * @param {Buffer} salt
 * @param {Buffer} info
 * @param {number} [keys] how many
 * @returns {Buffer[]}
 */
function deriveSecrets(input, salt, info, keys = 3) {
  const bytes = Buffer.from(hkdfSync('sha256', input, salt, info, keys * KEY_BYTES))
  return Array.from({ length: keys }, (_, n) => bytes.subarray(n * KEY_BYTES, (n + 1) * KEY_BYTES))
}

crypto.deriveSecrets = deriveSecrets
