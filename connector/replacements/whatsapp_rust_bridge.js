// @ts-check
/**
 * What Baileys uses of the package whatsapp-rust-bridge, with Node's own cryptography. The bundle has it in place of the package.
 *
 * The package is 2 MB of WebAssembly in base64, which takes memory in every connector. Baileys 7.0.0-rc14 calls four of its
 * functions. tests/connector/replacements hold them against the package.
 */

import { createHash, hkdfSync } from 'node:crypto'

/** Length of an LTHash, and of what is added to it. */
const LT_HASH_BYTES = 128

/** Length of one key, and the names of the keys in their order. */
const KEY_BYTES = 32
const KEY_NAMES = /** @type {const} */ ([
  'indexKey',
  'valueEncryptionKey',
  'valueMacKey',
  'snapshotMacKey',
  'patchMacKey'
])

/** @param {Uint8Array} buffer @returns {Uint8Array} 16 bytes */
export const md5 = buffer => plain(createHash('md5').update(buffer).digest())

/**
 * HKDF with SHA-256 (RFC 5869). Throws if more than 8160 bytes are asked for.
 * @param {Uint8Array} buffer
 * @param {number} expandedLength bytes
 * @param {{salt?: Uint8Array | null, info?: string | null}} info
 */
export const hkdf = (buffer, expandedLength, { salt, info }) =>
  new Uint8Array(hkdfSync('sha256', buffer, salt ?? '', info ?? '', expandedLength))

/**
 * The keys of an app state.
 * @param {Uint8Array} keyData
 */
export function expandAppStateKeys(keyData) {
  const expanded = hkdf(keyData, KEY_NAMES.length * KEY_BYTES, { info: 'WhatsApp Mutation Keys' })
  const keys = KEY_NAMES.map((name, n) => [name, expanded.slice(n * KEY_BYTES, (n + 1) * KEY_BYTES)])
  return /** @type {Record<typeof KEY_NAMES[number], Uint8Array>} */ (Object.fromEntries(keys))
}

/** Hash of a set that changes: values are added and subtracted in any order. */
export class LTHashAntiTampering {
  /**
   * @param {Uint8Array} base 128 bytes
   * @param {Uint8Array[]} subtract
   * @param {Uint8Array[]} add
   * @returns {Uint8Array} 128 bytes
   */
  subtractThenAdd(base, subtract, add) {
    if (base.length !== LT_HASH_BYTES) throw new Error(`an LTHash has ${LT_HASH_BYTES} bytes, not ${base.length}`)
    const sum = new DataView(Uint8Array.from(base).buffer)
    for (const value of subtract) combine(sum, value, -1)
    for (const value of add) combine(sum, value, 1)
    return new Uint8Array(sum.buffer)
  }
}

/** Adds numbers of 16 bits, which overflow. @param {DataView} sum @param {Uint8Array} value @param {1 | -1} sign */
function combine(sum, value, sign) {
  const expanded = hkdf(value, LT_HASH_BYTES, { info: 'WhatsApp Patch Integrity' })
  const terms = new DataView(expanded.buffer)
  for (let at = 0; at < LT_HASH_BYTES; at += 2)
    sum.setUint16(at, sum.getUint16(at, true) + sign * terms.getUint16(at, true), true)
}

/** Baileys slices what it gets, which copies an Uint8Array and shares a Buffer. @param {Buffer} buffer */
const plain = buffer => new Uint8Array(buffer)
