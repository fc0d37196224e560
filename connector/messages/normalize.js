// @ts-check
/** Normalization: a message of WhatsApp as Motte shows it to callers. */

import { toNumber } from 'baileys'
import { cut, MAX_TEXT_LENGTH, short } from '../ipc/bounds.js'
import { boundedContent, NO_CONTENT } from './content/bounded.js'
import { readOpened } from './content/opened.js'
import { readContent } from './content/read.js'
import { mentionsIn, quoteIn, shown, targetOf } from './content/references.js'
import { open, SECRET_BYTES } from './content/sealed.js'
import { keyOf } from './undecryptable.js'

/** Seconds since 1970. Later years have five digits. */
const MAX_TIMESTAMP_SECONDS = 253_402_300_799

/** Kinds that are about another message: nothing is about them. */
const ABOUT_OTHERS = new Set(['reaction', 'edit', 'revoke', 'poll_vote'])

/** @typedef {import('../ipc/events.js').Message} Message */
/** @typedef {import('baileys').WAMessage} WhatsAppMessage */
/** @typedef {import('./content/reading.js').Reading} Reading */
/** @typedef {import('./content/references.js').Place} Place */

/**
 * @typedef {object} Account what is known besides the message
 * @property {import('./addresses.js').People} people
 * @property {Pick<import('./message_secrets.js').MessageSecrets, 'find'>} secrets
 * @property {boolean} [isOurView] see references.js
 */

/**
 * The message as callers get it, and the secret that came with it; null if no person reads it.
 * @param {Pick<WhatsAppMessage, 'key' | 'message' | 'messageTimestamp' | 'pushName' | 'category'>} received `message` is decrypted
 * @param {import('./addresses.js').Addresses} addresses
 * @param {Account} account
 * @param {number} [now] milliseconds since 1970: replaces an impossible time
 * @returns {{message: Message, secret: import('./message_secrets.js').Kept | null} | null}
 */
export function normalizeMessage(received, addresses, { people, secrets, isOurView }, now = Date.now()) {
  const { key, messageTimestamp, pushName, category } = received
  const { chat, chatLid, sender, senderLid, aliases } = addresses
  if (!key.id || !chat || category === 'peer') return null
  const sealed = readContent(received.message)
  if (!sealed) return null
  const place = { ...aliases, fromMe: Boolean(key.fromMe), people, isOurView }
  const target = targetOf(sealed.target, place, { isOwn: isAuthorsOwn(sealed, place) })
  const { reading, secret } = (target && opened(sealed, target, place, secrets)) ?? { reading: sealed }
  const message = {
    id: short(key.id),
    chat,
    chatLid,
    sender,
    senderLid,
    fromMe: Boolean(key.fromMe),
    pushName: pushName ? short(pushName) : null,
    sentAt: momentOf(messageTimestamp) ?? now,
    kind: short(reading.kind),
    text: textOf(reading),
    ...NO_CONTENT,
    ...boundedContent(reading),
    replyTo: quoteIn(reading.context, place),
    mentions: mentionsIn(reading.context, place),
    target: target && shown(target, place)
  }
  return { message, secret: secretOf(reading) ?? editedPoll(reading, target, secret) }
}

/**
 * The message that callers get if this device cannot read it.
 * @param {Message} message
 * @param {'undecryptable' | 'view_once'} kind
 * @returns {Message}
 */
export const asUndecryptable = (message, kind = 'undecryptable') => ({ ...message, ...NO_CONTENT, kind, text: null })

/** Whether only the author of its target can have sent this. In a chat of two nobody deletes for the other. @param {Reading} reading @param {Place} place */
const isAuthorsOwn = ({ kind, isOwnTarget }, { chat: [chat = ''] }) =>
  isOwnTarget || (kind === 'revoke' && /@(s\.whatsapp\.net|lid)$/.test(chat))

/**
 * What the secret of the target opens; null if it is not encrypted, or the secret is not known.
 * @param {Reading} reading
 * @param {NonNullable<ReturnType<typeof targetOf>>} target
 * @param {Place} place
 * @param {Account['secrets']} secrets
 */
function opened(reading, target, place, secrets) {
  if (!reading.sealed) return null
  const isOwn = target.sender.some(address => place.people.me.includes(address))
  for (const { sender, secret, options } of secrets.find(keyOf(target.id, target), { isOwn })) {
    const senders = [...new Set([sender, ...target.sender])]
    const plaintext = open(reading.sealed, { id: target.id, secret, senders }, place.sender)
    const read = plaintext && readOpened(reading, reading.sealed.use, plaintext, options)
    if (read) return { reading: read, secret }
  }
  return null
}

/**
 * The secret of a poll with the answers that it has after an edit: votes may be for these. Null for any other message.
 * @param {Reading} reading
 * @param {ReturnType<typeof targetOf>} target
 * @param {Uint8Array} [secret] that opened the edit
 * @returns {import('./message_secrets.js').Kept | null}
 */
function editedPoll({ kind, poll }, target, secret) {
  if (kind !== 'edit' || !poll || !target || !secret) return null
  const { id, chat, sender } = keyOf(target.id, target)
  return { secret, options: poll.options, of: { id, chat, sender } }
}

/** An edit to nothing is an empty text; one that could not be opened has none. @param {Reading} reading @returns {string | null} */
function textOf({ kind, lines, sealed }) {
  const isTextAnyhow = kind === 'text' || (kind === 'edit' && !sealed)
  return lines.length > 0 || isTextAnyhow ? cut(lines.join('\n'), MAX_TEXT_LENGTH) : null
}

/** @param {Reading} reading @returns {import('./message_secrets.js').Kept | null} */
function secretOf({ kind, secret, poll }) {
  if (secret?.length !== SECRET_BYTES || ABOUT_OTHERS.has(kind)) return null
  return { secret, options: poll?.options ?? (kind === 'other:eventMessage' ? [] : null) }
}

/** Milliseconds since 1970; null for a time that cannot be. @param {WhatsAppMessage['messageTimestamp']} timestamp seconds since 1970 */
export function momentOf(timestamp) {
  const seconds = toNumber(timestamp ?? NaN) || NaN
  return seconds >= 0 && seconds <= MAX_TIMESTAMP_SECONDS ? Math.floor(seconds * 1000) : null
}
