// @ts-check
/** A message in our words, from Baileys' words. */

import { getContentType, normalizeMessageContent, toNumber } from 'baileys'

/** UTF-16 units. WhatsApp's own limit of a text; six bytes each in the worst line of JSON. */
const LONGEST_TEXT = 65_536

/** UTF-16 units of an id, a name: real ones are far shorter. */
const LONGEST_NAME = 200

/** Seconds since 1970: after that a year has five digits. */
const LAST_MOMENT = 253_402_300_799

/** What devices tell each other, and nobody reads. @type {ReadonlySet<string>} */
const NO_MESSAGES = new Set([
  'protocolMessage',
  'senderKeyDistributionMessage',
  'fastRatchetKeySenderKeyDistributionMessage'
])

/** Where a person's own words are, beside the text of a text. */
const CAPTIONED = ['imageMessage', 'videoMessage', 'documentMessage']

/** @typedef {import('../ipc/events.js').Message} Message */
/** @typedef {import('baileys').WAMessage} WhatsAppMessage */

/**
 * What people read of it; null where it is nothing that they would.
 * @param {Pick<WhatsAppMessage, 'key' | 'message' | 'messageTimestamp' | 'pushName' | 'category'>} received `message` is decrypted
 * @param {import('./addresses.js').Addresses} addresses
 * @param {number} [now] milliseconds since 1970: stands in for a time that cannot be
 * @returns {Message | null}
 */
export function readMessage({ key, message, messageTimestamp, pushName, category }, addresses, now = Date.now()) {
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
    kind: isText(field) ? 'text' : short(field),
    text: textOf(content, field)
  }
}

/** The message that stands for one that this device cannot read. @param {Message} message @returns {Message} */
export const asUndecryptable = message => ({ ...message, kind: 'undecryptable', text: null })

/** @param {NonNullable<WhatsAppMessage['message']>} content */
function fieldOf(content) {
  const filled = Object.fromEntries(Object.entries(content).filter(([name, value]) => value && !NO_MESSAGES.has(name)))
  return getContentType(filled)
}

/** @param {string} field */
const isText = field => field === 'conversation' || field === 'extendedTextMessage'

/**
 * @param {any} content
 * @param {string} field
 * @returns {string | null}
 */
function textOf(content, field) {
  const text = field === 'conversation' ? content.conversation : (content[field].text ?? captionOf(content, field))
  return typeof text === 'string' ? cut(text, LONGEST_TEXT) : null
}

/** @param {any} content @param {string} field */
const captionOf = (content, field) => (CAPTIONED.includes(field) ? content[field].caption : null)

/** @param {WhatsAppMessage['messageTimestamp']} timestamp seconds since 1970 */
function momentOf(timestamp) {
  const seconds = toNumber(timestamp ?? NaN) || NaN
  return seconds >= 0 && seconds <= LAST_MOMENT ? Math.floor(seconds * 1000) : null
}

/** @param {string} text */
const short = text => cut(text, LONGEST_NAME)

/** Well-formed: half a character would make the line unreadable. @param {string} text @param {number} longest */
const cut = (text, longest) => text.slice(0, longest).toWellFormed()
