// @ts-check
/**
 * Why a link ended: the only reader of Baileys' errors.
 *
 * The status code decides; where one code means many things, the message does.
 */

/** @typedef {import('./events.js').Reason} Reason */

/** What each code says to a person. A colon and a cause may follow. */
const DETAILS = {
  'connection-lost': 'the connection to WhatsApp was lost',
  'whatsapp-unreachable': 'WhatsApp cannot be reached',
  'whatsapp-unavailable': 'WhatsApp is unavailable at the moment',
  'no-codes': 'WhatsApp sent no code to scan',
  'qrs-exhausted': 'nobody scanned any of the codes',
  'version-rejected': 'WhatsApp rejects our client version as too old',
  'passkey-required': 'the account must confirm a new device with a passkey, which only WhatsApp itself can ask for',
  'certificate-rejected': 'the server did not prove that it is WhatsApp',
  'connection-replaced': 'another process has connected with the same credentials',
  'logged-out': 'the phone unlinked this device',
  'account-banned': 'WhatsApp has banned or locked the account',
  'account-restricted': 'WhatsApp has restricted the account for a time',
  'multidevice-mismatch': 'the account cannot have linked devices',
  'bad-session': 'WhatsApp does not accept the session',
  asked: 'the logout was asked for',
  recycled: 'the process had grown too large, and is started again',
  'asked-unconfirmed': 'the logout was asked for, and WhatsApp did not confirm it: remove the device on the phone',
  'already-paired': 'the session is paired, there is nothing to pair',
  'no-pairing-code': 'WhatsApp gave no pairing code'
}

/** @typedef {keyof typeof DETAILS} ReasonCode qrs-exhausted stays inside: it has an event of its own */
/** @typedef {{code: ReasonCode, detail: string}} Ending */

/** No reconnection mends these. @type {ReadonlySet<ReasonCode>} */
const NEEDS_PERSON = new Set(
  /** @type {const} */ ([
    'version-rejected',
    'passkey-required',
    'certificate-rejected',
    'connection-replaced',
    'account-banned',
    'account-restricted',
    'multidevice-mismatch'
  ])
)

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
export const ending = (code, cause) => ({ code, detail: cause ? `${DETAILS[code]}: ${cause}` : DETAILS[code] })

/** @param {Ending} ending */
export const needsPerson = ({ code }) => NEEDS_PERSON.has(code)

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
