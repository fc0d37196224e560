// @ts-check
/** What a connector says to the front, in our words. Their order on the pipe and what each means: docs/reference/protocol.md. */

/** @typedef {{code: string, detail: string}} Reason */
/** @typedef {import('../storage/credentials.js').Account} Account */
/** @typedef {{ordinal: number, payload: string, issuedAt: number, lifetime: number}} Qr issuedAt: boot clock, seconds */
/** @typedef {'connecting' | 'qr' | 'pairing_code' | 'pairing' | 'open' | 'reconnecting'} Phase */
/** @typedef {{phase: Phase, qr: Qr | null, pairingCodeUntil: number | null, reason: Reason | null} & Account} Snapshot */
/**
 * @typedef {object} Message
 * @property {string} id WhatsApp's, made by whoever sent it
 * @property {string} chat by number if it is known, else by LID; a group, a channel
 * @property {string | null} chatLid the LID of the chat's other side
 * @property {string} sender by number if it is known, else by LID
 * @property {string | null} senderLid
 * @property {boolean} fromMe
 * @property {string | null} pushName
 * @property {number} sentAt milliseconds since 1970
 * @property {string} kind `text`, `undecryptable`, `view_once` (the phone alone shows it), or the name of WhatsApp's field
 * @property {string | null} text
 */
/** @typedef {{event: string} & {[key: string]: unknown}} Event */

// Greetings.
/** This process lives; the front may say hello. @returns {Event} */
export const up = () => ({ event: 'up' })

/** The answer to a hello. The replay follows, then a snapshot. @param {string} front @returns {Event} */
export const ready = front => ({ event: 'ready', front })

/** @param {Snapshot} snapshot @returns {Event} */
export const snapshotTaken = ({ phase, qr, pairingCodeUntil, phoneNumber, pushName, reason }) => ({
  event: 'snapshot',
  phase,
  qr,
  pairingCodeUntil,
  phoneNumber,
  pushName,
  reason: reason && { code: reason.code, detail: reason.detail }
})

// Passing: true now, worthless later.
/**
 * The answer to a ping: this process hears.
 * @param {number} headAge seconds since the message began that is handled now; 0 if no message is handled
 * @returns {Event}
 */
export const pong = headAge => ({ event: 'pong', headAge: Math.round(headAge * 10) / 10 })

/**
 * Followed by the same code with another payload, by the next one, by pairing_code_awaited, paired, qrs_exhausted or closed.
 * @param {Qr} qr
 * @param {string | null} version that its link announced; null: the one that Baileys brings
 * @param {boolean} [isRefresh] whether it is shown again since WhatsApp retired the secret in it
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

/** All codes of the socket were shown and nobody was linked. The process exits 0. @returns {Event} */
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
export const pairingCodeRefused = (request, reason) => ({ event: 'pairing_code_refused', request, reason })

/** A phone scanned and cannot link. The code that is shown can be scanned again. @param {Reason} reason @returns {Event} */
export const scanRefused = ({ code, detail }) => ({ event: 'scan_refused', reason: { code, detail } })

/** The newest pairing code cannot be typed any more: WhatsApp wants another one in its place. @returns {Event} */
export const pairingCodeWithdrawn = () => ({ event: 'pairing_code_withdrawn' })

// Spooled: the front must learn of it, whoever dies in between.
/** The phone has scanned, the credentials are saved. @param {Account} account @returns {Event} */
export const paired = ({ phoneNumber, pushName }) => ({ event: 'paired', phoneNumber, pushName })

/** @param {Account} account @param {string | null} version that the link announced @returns {Event} */
export const opened = ({ phoneNumber, pushName }, version) => ({ event: 'opened', phoneNumber, pushName, version })

/**
 * The link is gone, its code with it.
 * @param {Reason & {waitFor?: number}} reason waitFor: seconds for which WhatsApp will refuse the account
 * @param {number | null} retryIn seconds; null: this process ends, and only a person or a read starts another
 * @param {string | null} version that the link announced
 * @returns {Event}
 */
export const closed = ({ code, detail, waitFor }, retryIn, version) => ({
  event: 'closed',
  reason: { code, detail },
  retryIn,
  waitFor: waitFor ?? null,
  version
})

/** The credentials are wiped. @param {Reason} reason @returns {Event} */
export const loggedOut = reason => ({ event: 'logged_out', reason })

/** It moves no session. @param {Message} message @returns {Event} */
export const messageReceived = ({ id, chat, chatLid, sender, senderLid, fromMe, pushName, sentAt, kind, text }) => ({
  event: 'message_received',
  id,
  chat,
  chatLid,
  sender,
  senderLid,
  fromMe,
  pushName,
  sentAt,
  kind,
  text
})

/**
 * A message took too long: it was left unconfirmed, and WhatsApp delivers it again. It moves no session.
 * @param {number} times how often this message was skipped so far
 * @returns {Event}
 */
export const messageSkipped = times => ({ event: 'message_skipped', times })
