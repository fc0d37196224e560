// @ts-check
/**
 * Why a link ended: the only reader of Baileys' errors.
 *
 * The status code decides; where one code means many things, the message does.
 * What each reason means is in reasons.json, which the front reads too. A colon and a cause may follow its detail.
 */

import table from './reasons.json' with { type: 'json' }

/** @typedef {import('./events.js').Reason} Reason */

/** @typedef {keyof typeof table} ReasonCode qrs-exhausted stays inside: it has an event of its own */
/** @typedef {{code: ReasonCode, detail: string}} Ending */

/** Whether WhatsApp will not have this device's keys: the next try needs new ones. @param {Ending} ending */
export const refusesKeys = ({ code }) => code === 'logged-out' || code === 'bad-session'

/**
 * Status codes that mean one thing only: Baileys' DisconnectReason, and a login failure's reason.
 * @type {Record<number, ReasonCode>}
 */
const CODES = {
  401: 'logged-out',
  402: 'account-restricted',
  403: 'account-banned',
  405: 'version-rejected',
  406: 'account-banned',
  411: 'multidevice-mismatch',
  428: 'connection-lost',
  440: 'connection-replaced',
  463: 'account-restricted',
  500: 'bad-session',
  503: 'whatsapp-unavailable',
  515: 'connection-lost'
}

/** @param {ReasonCode} code @param {string} [cause] @returns {Ending} */
export const ending = (code, cause) => ({ code, detail: [table[code].detail, cause].filter(Boolean).join(': ') })

/** @param {Ending} ending */
export const needsPerson = ({ code }) => table[code].needsPerson

/**
 * @param {any} error `lastDisconnect.error`; undefined where our side ended the socket
 * @param {{hasAnswered: boolean}} link whether the server had answered our hello
 * @returns {Ending}
 */
export function readEnding(error, { hasAnswered }) {
  const status = error?.output?.statusCode
  const message = String(error?.message ?? '')
  if (message === 'QR refs attempts ended') return ending('qrs-exhausted')
  if (status === 400) return ending('certificate-rejected', message)
  const isOfTheLine = message.startsWith('WebSocket Error') || status === 408 || status === 428 || error === undefined
  if (!isOfTheLine) return ending(CODES[status] ?? 'bad-session', CODES[status] ? undefined : `status ${status}`)
  return hasAnswered ? ending('connection-lost') : ending('whatsapp-unreachable', causeOf(message))
}

/** What lies between the brackets of `WebSocket Error (connect ECONNREFUSED 127.0.0.1:1)`. @param {string} message */
const causeOf = message => /^WebSocket Error \((.+)\)$/.exec(message)?.[1] ?? message.toLowerCase()

/**
 * Whether an unhandled rejection only repeats that a socket has closed: its owner learns of that in the regular way.
 * @param {any} error
 */
export const isEchoOfClosing = error => error?.isBoom === true && [408, 428].includes(error.output?.statusCode)
