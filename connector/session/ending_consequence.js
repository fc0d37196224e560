// @ts-check
/** What a session does after its socket has ended. Pure: no input or output. */

import { ending, needsPerson, refusesKeys } from './baileys_errors.js'

/**
 * Seconds after the first login within which WhatsApp itself may have removed the device: it did so after 5 to 15 s in
 * Baileys #2248 and whatsmeow #993.
 */
const REMOVAL_BY_WHATSAPP_SECONDS = 60

const REMOVAL_HINT = "if nobody did so, WhatsApp did, often because of this host's internet address"

/** @typedef {import('./baileys_errors.js').Ending} Ending */

/**
 * @typedef {object} Past what happened to the session before the socket ended
 * @property {boolean} isPaired whether the credentials have an account
 * @property {boolean} wasPaired whether they had one when this process started
 * @property {number | null} firstOpenedAt boot clock, seconds; null: the account was never open
 * @property {number} now boot clock, seconds
 */

/**
 * @typedef {object} Consequence
 * @property {'sleep' | 'restart' | 'log_out' | 'close' | 'reconnect'} action sleep: all QR codes were shown. restart: a fresh process
 *   logs in. log_out: the credentials belong to no account any more. close: only a person or a read starts the session again
 * @property {Ending} ending as the front and the log show it
 * @property {boolean} [wipesKeys] the next try needs new keys
 */

/**
 * @param {Ending} how
 * @param {Past} past
 * @returns {Consequence}
 */
export function consequenceOf(how, past) {
  if (!past.isPaired) {
    if (how.code === 'qrs-exhausted') return { action: 'sleep', ending: how }
    return { action: 'close', ending: how, wipesKeys: refusesKeys(how) }
  }
  if (!past.wasPaired) return { action: 'restart', ending: how }
  if (how.code === 'logged-out') return { action: 'log_out', ending: removal(how, past) }
  return { action: needsPerson(how) ? 'close' : 'reconnect', ending: how }
}

/** The reason for a removal. The owner of the phone hardly removes a device right after linking it. @param {Ending} how @param {Past} past */
function removal(how, { firstOpenedAt, now }) {
  if (firstOpenedAt === null) return ending('removed-at-once')
  return now - firstOpenedAt < REMOVAL_BY_WHATSAPP_SECONDS ? ending(how.code, REMOVAL_HINT) : how
}
