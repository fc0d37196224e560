// @ts-check
/** Reasons why a message fails, and what WhatsApp's refusals mean. The front reads message-failures.json too. */

import table from '../message-failures.json' with { type: 'json' }

/** @typedef {import('../ipc/events.js').Reason} Reason */
/** @typedef {'no-device' | 'restricted' | 'new-chat-limit' | 'rejected' | 'expired' | 'in-doubt'} FailureCode those that connectors give */

/** @param {FailureCode} code @param {string} [cause] @returns {Reason} */
export const failure = (code, cause) => ({ code, detail: [table[code].detail, cause].filter(Boolean).join(': ') })

/**
 * Codes with which WhatsApp refuses a message in its ack, as others report them (Baileys, NACK_REASONS and SERVER_ERROR_CODES;
 * whatsmeow, nack codes). A message that met 463 is never sent again: each try counts as another reach-out.
 */
export const NACK = { restricted: '463', newChatLimit: '475' }

/**
 * Codes that mean that what is known of the chat is out of date: 479 of its devices, 421 of the addresses that a group uses.
 * @type {ReadonlySet<string>}
 */
export const STALE_CODES = new Set(['421', '479'])

/** @param {string} error of an ack @returns {Reason} */
export function refusalOf(error) {
  if (error === NACK.restricted) return failure('restricted')
  if (error === NACK.newChatLimit) return failure('new-chat-limit')
  return failure('rejected', `it answered ${error.slice(0, 32)}`)
}
