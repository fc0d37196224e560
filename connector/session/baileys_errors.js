// @ts-check
/**
 * Reasons for an ending, as far as errors of Baileys show them. close_reasons.js reads what WhatsApp itself says.
 *
 * The status code decides. If one code means many things, the message decides.
 * reasons.json says what each reason means; the front reads it too. A colon and a cause may follow the detail.
 */

import table from '../reasons.json' with { type: 'json' }
import { CertificateRejected } from '../network/certificate_check.js'
import { codeIn, textOfCode, textOfStatus } from '../network/error_texts.js'

/** @typedef {import('../ipc/events.js').Reason} Reason */

/** @typedef {keyof typeof table} ReasonCode qrs-exhausted never leaves the process: it has its own event */
/** @typedef {{code: ReasonCode, detail: string, waitFor?: number}} Ending waitFor: seconds until WhatsApp takes the account again */

/** Whether WhatsApp refuses the keys of this device: the next try needs new ones. @param {Ending} ending */
export const refusesKeys = ({ code }) => code === 'whatsapp-refused' || code === 'bad-session'

/** @param {ReasonCode} code @param {string} [cause] @returns {Ending} */
export const ending = (code, cause) => ({ code, detail: [table[code].detail, cause].filter(Boolean).join(': ') })

/** First and longest delay of a paired session after this ending, in seconds; null: as after any lost connection. @param {Ending} ending */
export const pauseAfter = ({ code }) => table[code].pause

/** @param {Ending} ending */
export const needsPerson = ({ code }) => table[code].needsPerson

/**
 * @param {any} error `lastDisconnect.error`; undefined if our side ended the socket
 * @param {{hasAnswered: boolean}} socket whether the server has answered our hello
 * @returns {Ending}
 */
export function readEnding(error, { hasAnswered }) {
  const status = error?.output?.statusCode
  const message = String(error?.message ?? '')
  if (error instanceof CertificateRejected)
    return ending(error.isOutdated ? 'certificate-outdated' : 'certificate-rejected', message)
  if (/\bnoise\b.* certificate\b|\bnoise certificate\b/.test(message)) return ending('certificate-rejected', message)
  const isConnectionError =
    message.startsWith('WebSocket Error') || status === 408 || status === 428 || error === undefined
  if (!isConnectionError) return ending('bad-session', `status ${status}`)
  return hasAnswered ? ending('connection-lost') : ending('whatsapp-unreachable', causeOf(message))
}

/** Meanings of messages without a code of Node. The texts are those of ws and Baileys. @type {[RegExp, string][]} */
const MESSAGES = [
  [/timed out/i, 'it does not answer'],
  [/socket hang up|disconnected before|connection (closed|terminated)/i, 'it cut the connection'],
  [/certificate/i, 'its certificate is not trusted'],
  [/upgrade|sec-websocket/i, 'it does not speak WebSocket']
]

/** The cause in words. An unknown message is quoted. @param {string} message such as `WebSocket Error (connect ECONNREFUSED 127.0.0.1:1)` */
function causeOf(message) {
  const cause = /^WebSocket Error \((.+)\)$/.exec(message)?.[1] ?? message
  const status = /^Unexpected server response: (\d+)$/.exec(cause)?.[1]
  if (status) return textOfStatus(Number(status))
  const code = codeIn(cause)
  if (code) return textOfCode(code)
  return MESSAGES.find(([pattern]) => pattern.test(cause))?.[1] ?? cause
}
