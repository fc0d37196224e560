// @ts-check
/** Encryption with the secret of a message, as WhatsApp's apps do it. Written apart from the code that it tests. */

import { createCipheriv, createHmac, randomBytes } from 'node:crypto'

/**
 * Seals as WhatsApp Web does; HKDF in its two steps, each an HMAC (RFC 5869).
 * @param {string} use
 * @param {Uint8Array} plaintext
 * @param {{author: string, sender: string, id: string, secret: Uint8Array}} by
 */
export function seal(use, plaintext, { author, sender, id, secret }) {
  const pseudorandom = createHmac('sha256', Buffer.alloc(32)).update(secret).digest()
  const key = createHmac('sha256', pseudorandom).update(`${id}${author}${sender}${use}\u0001`).digest()
  const encIv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, encIv)
  if (['Poll Vote', 'Event Response'].includes(use)) cipher.setAAD(Buffer.from(`${id}\0${sender}`))
  const encPayload = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
  return { encPayload, encIv }
}
