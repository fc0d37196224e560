// @ts-check
/** Events of a connector to the front. docs/reference/protocol.md has their order on the pipe and their meanings. */

import { boundedReason, short } from './bounds.js'

/** @typedef {{code: string, detail: string}} Reason */
/** @typedef {import('../storage/credentials.js').Account} Account */
/** @typedef {{ordinal: number, payload: string, issuedAt: number, lifetime: number}} Qr issuedAt: boot clock, seconds */
/** @typedef {'connecting' | 'qr' | 'pairing_code' | 'pairing' | 'open' | 'reconnecting'} Phase */
/** @typedef {{phase: Phase, qr: Qr | null, pairingCodeUntil: number | null, reason: Reason | null} & Account} Snapshot */
/**
 * @typedef {object} Message
 * @property {string} id WhatsApp's; the sender made it
 * @property {string} chat a person by number if it is known, else by LID; a group; a channel
 * @property {string | null} chatLid LID of the other person in the chat
 * @property {string} sender by number if it is known, else by LID
 * @property {string | null} senderLid
 * @property {boolean} fromMe
 * @property {string | null} pushName
 * @property {number} sentAt milliseconds since 1970
 * @property {string} kind of docs/reference/messages.md, such as `text`, `undecryptable`, `view_once` (only the phone shows it)
 * @property {string | null} text
 * @property {(Reference & {text: string | null}) | null} [replyTo] what it quotes
 * @property {string[]} [mentions] addresses
 * @property {Reference | null} [target] what it is about
 * @property {string | null} [emoji] of a reaction; null: the reaction is taken away
 * @property {{latitude: number, longitude: number, name: string | null, address: string | null} | null} [location] degrees
 * @property {{name: string | null, phoneNumbers: string[], vcard: string | null} | null} [contact] phoneNumbers: digits
 * @property {{id: string | null, title: string | null} | null} [choice]
 * @property {{name: string, options: string[], selectable: number} | null} [poll] selectable: 0: any number
 * @property {{mimetype: string | null, size: number | null, fileName: string | null, seconds: number | null} | null} [media] size: bytes
 */
/**
 * @typedef {object} Move
 * @property {string} id of a message that was sent
 * @property {string} chat
 * @property {string | null} [chatLid]
 * @property {'sent' | 'delivered' | 'read' | 'played' | 'failed'} status
 * @property {number} at milliseconds since 1970
 * @property {string | null} [by] who got or read it
 * @property {Reason | null} [reason] why it failed
 * @property {number} [attempts] how often it was handed to WhatsApp; 0: not known
 */
/** @typedef {{number: string, exists: boolean, jid: string | null, lid: string | null, name: string | null}} FoundContact */
/** Another message. @typedef {{id: string, chat: string, sender: string}} Reference */
/** @typedef {{event: string} & {[key: string]: unknown}} Event */

// Greetings.
/** This process runs; the front may say hello. @returns {Event} */
export const up = () => ({ event: 'up' })

/**
 * The answer to a hello. The replay follows, then a snapshot.
 * @param {string} front
 * @param {string[]} can what this connector can do. `send`: the commands send, mark_read, type and ask
 * @returns {Event}
 */
export const ready = (front, can) => ({ event: 'ready', front, can })

/** @param {Snapshot} snapshot @returns {Event} */
export const snapshotTaken = ({ phase, qr, pairingCodeUntil, phoneNumber, pushName, reason }) => ({
  event: 'snapshot',
  phase,
  qr,
  pairingCodeUntil,
  phoneNumber,
  pushName,
  reason: reason && boundedReason(reason)
})

// Not spooled: true now, worthless later.
/**
 * The answer to a ping: this process reads commands.
 * @param {number} headAge seconds since the message began that is handled now; 0 if no message is handled
 * @returns {Event}
 */
export const pong = headAge => ({ event: 'pong', headAge: Math.round(headAge * 10) / 10 })

/**
 * A code is shown. Followed by the same code with another payload, the next code, pairing_code_awaited, paired, qrs_exhausted or
 * closed.
 * @param {Qr} qr
 * @param {string | null} version that its socket announced; null: the one of Baileys
 * @param {boolean} [isRefresh] whether it is shown again because WhatsApp retired its secret
 * @returns {Event}
 */
export const qrIssued = ({ ordinal, payload, issuedAt, lifetime }, version, isRefresh = false) => ({
  event: 'qr_issued',
  ordinal,
  payload,
  issuedAt,
  lifetime,
  version,
  isRefresh
})

/**
 * All codes of the socket were shown, and a pairing code can still be typed. Followed by paired, qrs_exhausted or closed.
 * @param {number} until when WhatsApp is expected to end the socket: boot clock, seconds
 * @returns {Event}
 */
export const pairingCodeAwaited = until => ({ event: 'pairing_code_awaited', until })

/** All codes of the socket were shown and no phone was linked. The process exits 0. @returns {Event} */
export const qrsExhausted = () => ({ event: 'qrs_exhausted' })

/**
 * @param {string} request
 * @param {{code: string, issuedAt: number, lifetime: number}} issued
 * @returns {Event}
 */
export const pairingCodeIssued = (request, { code, issuedAt, lifetime }) => ({
  event: 'pairing_code_issued',
  request,
  code,
  issuedAt,
  lifetime
})

/** @param {string} request @param {Reason} reason @returns {Event} */
export const pairingCodeRefused = (request, reason) => ({
  event: 'pairing_code_refused',
  request,
  reason: boundedReason(reason)
})

/** A phone scanned and cannot link. The code that is shown can be scanned again. @param {Reason} reason @returns {Event} */
export const scanRefused = reason => ({ event: 'scan_refused', reason: boundedReason(reason) })

/** The newest pairing code cannot be typed any more: WhatsApp wants another one in its place. @returns {Event} */
export const pairingCodeWithdrawn = () => ({ event: 'pairing_code_withdrawn' })

/**
 * The answer to an ask.
 * @param {string} request
 * @param {FoundContact} result
 * @returns {Event}
 */
export const answered = (request, { number, exists, jid, lid, name }) => ({
  event: 'answered',
  request,
  result: { number, exists, jid: shortOrNull(jid), lid: shortOrNull(lid), name: shortOrNull(name) }
})

/** There is no answer to an ask. @param {string} request @param {Reason} reason @returns {Event} */
export const refused = (request, reason) => ({ event: 'refused', request, reason: boundedReason(reason) })

/**
 * Somebody types in a chat, records a voice message, or has stopped.
 * @param {{chat: string, sender: string, kind: 'text' | 'voice', isTyping: boolean}} typed
 * @returns {Event}
 */
export const typing = ({ chat, sender, kind, isTyping }) => ({
  event: 'typing',
  chat: short(chat),
  sender: short(sender),
  kind,
  isTyping
})

// Spooled: the front must get it, also if one of the two processes is killed in between.
/** The phone has scanned, the credentials are saved. @param {Account} account @returns {Event} */
export const paired = ({ phoneNumber, pushName }) => ({ event: 'paired', phoneNumber, pushName })

/** @param {Account} account @param {string | null} version that the socket announced @returns {Event} */
export const opened = ({ phoneNumber, pushName }, version) => ({ event: 'opened', phoneNumber, pushName, version })

/**
 * The connection has ended, and its codes with it.
 * @param {Reason & {waitFor?: number}} reason waitFor: seconds for which WhatsApp will refuse the account
 * @param {number | null} retryIn seconds; null: this process ends, and only a person or a read starts another
 * @param {string | null} version that the socket announced
 * @returns {Event}
 */
export const closed = ({ waitFor, ...reason }, retryIn, version) => ({
  event: 'closed',
  reason: boundedReason(reason),
  retryIn,
  waitFor: waitFor ?? null,
  version
})

/** The credentials are wiped. @param {Reason} reason @returns {Event} */
export const loggedOut = reason => ({ event: 'logged_out', reason: boundedReason(reason) })

/** It changes no state. @param {Message} message @returns {Event} */
export const messageReceived = message => ({
  event: 'message_received',
  id: message.id,
  chat: message.chat,
  chatLid: message.chatLid,
  sender: message.sender,
  senderLid: message.senderLid,
  fromMe: message.fromMe,
  pushName: message.pushName,
  sentAt: message.sentAt,
  kind: message.kind,
  text: message.text,
  ...contentOf(message)
})

/** What it has besides its text. Most messages have nothing, so that these keys are left out: many events may wait for a front. @param {Message} message */
function contentOf({ replyTo, mentions, target, emoji, location, contact, choice, poll, media }) {
  const content = {
    replyTo,
    mentions: mentions?.length ? mentions : null,
    target,
    emoji,
    location,
    contact,
    choice,
    poll,
    media
  }
  return Object.fromEntries(Object.entries(content).filter(([, part]) => part !== null && part !== undefined))
}

/**
 * A message took too long. It was left unconfirmed, and WhatsApp delivers it again. It changes no state.
 * @param {number} times how often this message was skipped so far
 * @returns {Event}
 */
export const messageSkipped = times => ({ event: 'message_skipped', times })

/** A message that was sent has got further, or has failed. It changes no state. @param {Move} move @returns {Event} */
export const messageMoved = ({ id, chat, chatLid, status, at, by, reason, attempts }) => ({
  event: 'message_moved',
  id,
  chat,
  chatLid: chatLid ?? null,
  status,
  at,
  by: shortOrNull(by),
  reason: reason ? boundedReason(reason) : null,
  attempts: attempts ?? 0
})

/**
 * Somebody called. It changes no state.
 * @param {{id: string, chat: string, from: string, at: number, isVideo: boolean, isGroup: boolean}} call at: milliseconds since 1970
 * @returns {Event}
 */
export const callCame = ({ id, chat, from, at, isVideo, isGroup }) => ({
  event: 'call_came',
  id: short(id),
  chat: short(chat),
  from: short(from),
  at,
  isVideo,
  isGroup
})

/**
 * WhatsApp lets the account begin no more chats for a time. It changes no state.
 * @param {'restricted' | 'new-chat-limit'} code WhatsApp's 463 and 475
 * @param {number | null} until milliseconds since 1970; null: WhatsApp did not say
 * @returns {Event}
 */
export const restricted = (code, until) => ({ event: 'restricted', code, until })

/**
 * WhatsApp has confirmed read marks of a chat. It changes no state.
 * @param {string} chat
 * @param {{id: string, sender: string}[]} keys as the front named them
 * @returns {Event}
 */
export const readMarked = (chat, keys) => ({
  event: 'read_marked',
  chat,
  keys: keys.map(({ id, sender }) => ({ id, sender }))
})

/** A LID and a number belong to one account. It changes no state. @param {string} lid @param {string} number digits @returns {Event} */
export const contactLinked = (lid, number) => ({ event: 'contact_linked', lid: short(lid), number })

/** @param {string | null | undefined} text */
const shortOrNull = text => (text ? short(text) : null)
