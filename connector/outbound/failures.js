// @ts-check
/** Reasons why a message fails, and what WhatsApp's refusals mean. */

/** @typedef {import('../ipc/events.js').Reason} Reason */
/** @typedef {keyof typeof DETAILS} FailureCode */

const DETAILS = {
  'no-device': 'no device of the recipient could be encrypted for',
  restricted: 'WhatsApp lets the account begin no new chats for a time (463)',
  'new-chat-limit': 'the account has begun as many chats as WhatsApp lets it for now (475)',
  rejected: 'WhatsApp did not take the message',
  expired: 'it could not be sent before its time was over',
  'in-doubt': 'WhatsApp may have the message or not, and it was not sent a second time'
}

/** @param {FailureCode} code @param {string} [cause] @returns {Reason} */
export const failure = (code, cause) => ({ code, detail: [DETAILS[code], cause].filter(Boolean).join(': ') })

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
