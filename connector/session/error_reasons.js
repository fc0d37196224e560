// @ts-check
/**
 * Why a link ended, as far as Baileys' errors say it. What WhatsApp itself says of it: close_reasons.js.
 *
 * The status code decides; where one code means many things, the message does.
 * What each reason means is in reasons.json, which the front reads too. A colon and a cause may follow its detail.
 */

import table from '../reasons.json' with { type: 'json' }
import { CertificateRejected } from '../network/certificate_check.js'

/** @typedef {import('../ipc/events.js').Reason} Reason */

/** @typedef {keyof typeof table} ReasonCode qrs-exhausted stays inside: it has an event of its own */
/** @typedef {{code: ReasonCode, detail: string, waitFor?: number}} Ending waitFor: seconds until WhatsApp takes the account again */

/** Whether WhatsApp will not have this device's keys: the next try needs new ones. @param {Ending} ending */
export const refusesKeys = ({ code }) => code === 'whatsapp-refused' || code === 'bad-session'

/** @param {ReasonCode} code @param {string} [cause] @returns {Ending} */
export const ending = (code, cause) => ({ code, detail: [table[code].detail, cause].filter(Boolean).join(': ') })

/** The seconds that a paired session waits after this, first and at last; null: as after any lost link. @param {Ending} ending */
export const pauseAfter = ({ code }) => table[code].pause

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
  if (error instanceof CertificateRejected)
    return ending(error.isOutdated ? 'certificate-outdated' : 'certificate-rejected', message)
  if (/\bnoise\b.* certificate\b|\bnoise certificate\b/.test(message)) return ending('certificate-rejected', message)
  const isOfTheLine = message.startsWith('WebSocket Error') || status === 408 || status === 428 || error === undefined
  if (!isOfTheLine) return ending('bad-session', `status ${status}`)
  return hasAnswered ? ending('connection-lost') : ending('whatsapp-unreachable', causeOf(message))
}

/** What lies between the brackets of `WebSocket Error (connect ECONNREFUSED 127.0.0.1:1)`. @param {string} message */
const causeOf = message => /^WebSocket Error \((.+)\)$/.exec(message)?.[1] ?? message.toLowerCase()
