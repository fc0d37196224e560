// @ts-check
/**
 * What is encrypted with the secret of the message that it is about: poll votes, edits, reactions and comments in communities.
 *
 * Derivation of the key: WAUseCaseSecret and WAWebAddonEncryption of WhatsApp Web, as generateMsgSecretKey of tulir/whatsmeow and
 * secret_enc_addon.rs of oxidezap/whatsapp-rust have them.
 */

import { createDecipheriv, hkdfSync } from 'node:crypto'

/** @typedef {'Poll Vote' | 'Enc Reaction' | 'Enc Comment' | 'Event Response' | 'Event Edit' | 'Message Edit' | 'Poll Edit' | 'Poll Add Option'} Use */
/** @typedef {{use: Use, payload: Uint8Array | null, iv: Uint8Array | null}} Sealed */

/**
 * @typedef {object} Target the message whose secret it is
 * @property {string} id
 * @property {Uint8Array} secret
 * @property {string[]} senders each address that its author has
 */

export const SECRET_BYTES = 32
const IV_BYTES = 12
const TAG_BYTES = 16

/** Uses that bind the id and the sender as additional data too. @type {ReadonlySet<Use>} */
const BOUND_USES = new Set(['Poll Vote', 'Event Response'])

/** whatsmeow seals an added option as an edit of the poll. @type {Partial<Record<Use, Use[]>>} */
const OTHER_USES = { 'Poll Add Option': ['Poll Edit'] }

/**
 * The plaintext; null if the secret does not open it. Which address of an account went into the key depends on its client, so each
 * is tried: the cipher tells the right one.
 * @param {Sealed} sealed
 * @param {Target} target
 * @param {string[]} senders each address of the account that sent this
 */
export function open({ use, payload, iv }, { id, secret, senders: authors }, senders) {
  if (!payload || payload.length < TAG_BYTES || iv?.length !== IV_BYTES || secret.length !== SECRET_BYTES) return null
  for (const tried of [use, ...(OTHER_USES[use] ?? [])]) {
    for (const author of authors) {
      for (const sender of senders) {
        const key = Buffer.from(hkdfSync('sha256', secret, '', `${id}${author}${sender}${tried}`, SECRET_BYTES))
        const bound = BOUND_USES.has(tried) ? Buffer.from(`${id}\0${sender}`) : null
        const opened = decrypt(key, payload, iv, bound)
        if (opened) return opened
      }
    }
  }
  return null
}

/** @param {Buffer} key @param {Uint8Array} payload @param {Uint8Array} iv @param {Buffer | null} bound @returns {Buffer | null} */
function decrypt(key, payload, iv, bound) {
  const end = payload.length - TAG_BYTES
  const cipher = createDecipheriv('aes-256-gcm', key, iv)
  cipher.setAuthTag(payload.subarray(end))
  if (bound) cipher.setAAD(bound)
  const plaintext = cipher.update(payload.subarray(0, end))
  try {
    cipher.final()
    return plaintext
  } catch {
    return null
  }
}
