// @ts-check
/** Normalization: a message of WhatsApp as Motte shows it to callers. */

import { getContentType, normalizeMessageContent, toNumber } from 'baileys'
import { cut, MAX_TEXT_LENGTH, short } from '../ipc/bounds.js'

/** Seconds since 1970. Later years have five digits. */
const MAX_TIMESTAMP_SECONDS = 253_402_300_799

/** Fields that devices use among themselves. @type {ReadonlySet<string>} */
const PROTOCOL_FIELDS = new Set([
  'protocolMessage',
  'senderKeyDistributionMessage',
  'fastRatchetKeySenderKeyDistributionMessage'
])

/** Fields with a caption. */
const CAPTIONED_FIELDS = ['imageMessage', 'videoMessage', 'documentMessage']

/** @typedef {import('../ipc/events.js').Message} Message */
/** @typedef {import('baileys').WAMessage} WhatsAppMessage */

/**
 * The message as callers get it; null for a protocol message.
 * @param {Pick<WhatsAppMessage, 'key' | 'message' | 'messageTimestamp' | 'pushName' | 'category'>} received `message` is decrypted
 * @param {import('./addresses.js').Addresses} addresses
 * @param {number} [now] milliseconds since 1970: replaces an impossible time
 * @returns {Message | null}
 */
export function normalizeMessage({ key, message, messageTimestamp, pushName, category }, addresses, now = Date.now()) {
  const content = normalizeMessageContent(message)
  const field = content && fieldOf(content)
  if (!field || !key.id || !addresses.chat || category === 'peer') return null
  const { chat, chatLid, sender, senderLid } = addresses
  return {
    id: short(key.id),
    chat,
    chatLid,
    sender,
    senderLid,
    fromMe: Boolean(key.fromMe),
    pushName: pushName ? short(pushName) : null,
    sentAt: momentOf(messageTimestamp) ?? now,
    kind: field === 'conversation' || field === 'extendedTextMessage' ? 'text' : short(field),
    text: textOf(content, field)
  }
}

/** The message that callers get if this device cannot read it. @param {Message} message @returns {Message} */
export const asUndecryptable = message => ({ ...message, kind: 'undecryptable', text: null })

/** @param {NonNullable<WhatsAppMessage['message']>} content */
function fieldOf(content) {
  const filled = Object.fromEntries(
    Object.entries(content).filter(([name, value]) => value && !PROTOCOL_FIELDS.has(name))
  )
  return getContentType(filled)
}

/**
 * @param {any} content
 * @param {string} field
 * @returns {string | null}
 */
function textOf(content, field) {
  const caption = CAPTIONED_FIELDS.includes(field) ? content[field].caption : null
  const text = field === 'conversation' ? content.conversation : (content[field].text ?? caption)
  return typeof text === 'string' ? cut(text, MAX_TEXT_LENGTH) : null
}

/** @param {WhatsAppMessage['messageTimestamp']} timestamp seconds since 1970 */
function momentOf(timestamp) {
  const seconds = toNumber(timestamp ?? NaN) || NaN
  return seconds >= 0 && seconds <= MAX_TIMESTAMP_SECONDS ? Math.floor(seconds * 1000) : null
}
