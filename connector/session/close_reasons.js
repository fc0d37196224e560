// @ts-check
/**
 * Reasons for which WhatsApp ends a connection: reads `<failure>` (instead of a login or codes) and `<stream:error>` (at any time).
 *
 * Baileys keeps only the number. The meanings are those of whatsmeow (`types/events/events.go`, `connectionevents.go`,
 * 2026-08-21) and whatsapp-rust (`wacore/src/types/events.rs`, `src/client/node_io.rs`, 2026-08-21). If they differ, a comment
 * says so. Only the code `logged-out` discards credentials: both sources delete the device for it.
 */

import { ending } from './baileys_errors.js'

/** Longest temporary ban that is believed. A longer one counts as a ban of unknown length. */
const MAX_BAN_DAYS = 366

/** Longest text of WhatsApp that is kept. */
const MAX_TEXT_CHARACTERS = 240

/** Meaning of a failure's number, if it is the same before and after a pairing. @type {Map<string, import('./baileys_errors.js').ReasonCode>} */
const FAILURES = asMap({
  402: 'account-restricted',
  403: 'account-banned', // "main device gone" in whatsmeow, LOCKED in WhatsApp Web: bans, and changes of phone
  405: 'version-rejected',
  406: 'account-banned', // "unknown logout" in whatsmeow, BANNED in WhatsApp Web
  409: 'client-rejected',
  411: 'multidevice-mismatch',
  429: 'whatsapp-rate-limited',
  463: 'account-restricted',
  503: 'whatsapp-unavailable'
})

/** Codes that need no number in their detail. */
const CODES_WITHOUT_DETAIL = new Set(['version-rejected', 'whatsapp-unavailable'])

/** Explanations of the numbers that are `whatsapp-refused`. */
const REFUSALS = asMap({
  400: 'it gives no cause',
  401: 'it does not accept the device',
  413: 'a token of Messenger has expired, and Motte has none',
  414: 'a token of Messenger is not valid, and Motte has none',
  415: 'something was not found',
  418: 'it does not know this client',
  500: 'it has an internal error',
  501: 'it calls the cause experimental'
})

/** Kinds of temporary bans, by their number. */
const BANS = asMap({
  101: 'too many messages to people who do not have the number in their address books',
  102: 'too many people blocked the number',
  103: 'too many groups with people who do not have the number in their address books',
  104: 'the same message to too many people',
  106: 'too many messages to a broadcast list'
})

/** @typedef {import('./baileys_errors.js').Ending} Ending */
/** @typedef {import('baileys').BinaryNode} Stanza */

/**
 * @param {Stanza['attrs']} attrs of `<failure>`
 * @param {{isPaired: boolean, now?: number}} account now: Unix time, milliseconds
 * @returns {Ending}
 */
export function readFailure(attrs, { isPaired, now = Date.now() }) {
  const { reason = '' } = attrs
  if (reason === '402') return restricted(attrs, now)
  const code = FAILURES.get(reason) ?? 'whatsapp-refused'
  if (code !== 'whatsapp-refused')
    return ending(code, listed(CODES_WITHOUT_DETAIL.has(code) ? undefined : `status ${reason}`, textsOf(attrs)))
  // Both sources connect again after 500: it says nothing about the device.
  if (isPaired && reason === '500') return ending('whatsapp-unavailable', REFUSALS.get(reason))
  if (isPaired && reason === '401') return ending('logged-out')
  return ending('whatsapp-refused', listed(`status ${number(reason)}`, REFUSALS.get(reason), textsOf(attrs)))
}

/**
 * @param {Stanza} stanza `<stream:error>`
 * @param {{isPaired: boolean}} account
 * @returns {Ending}
 */
export function readStreamError({ attrs, content }, { isPaired }) {
  const [child] = Array.isArray(content) ? content : []
  const { code = '' } = attrs
  const conflict = child?.tag === 'conflict' ? (child.attrs.type ?? '') : ''
  if (conflict === 'replaced') return ending('connection-replaced')
  if (code === '401' || code === '516' || conflict) return removed({ code, conflict, isPaired })
  if (code === '429') return ending('whatsapp-rate-limited')
  if (code !== '515' && /^5\d\d$/.test(code))
    return ending('whatsapp-unavailable', code === '503' ? undefined : `status ${code}`)
  return ending('stream-reset', code === '515' ? undefined : (named(child?.tag) ?? `status ${number(code)}`))
}

/**
 * The ending for a possible removal. whatsmeow and whatsapp-rust agree only on 401 with `device_removed`. whatsapp-rust takes
 * 516, and a 401 without it, for a removal too; whatsmeow connects again. The next login shows the truth within a second.
 * @param {{code: string, conflict: string, isPaired: boolean}} said
 */
function removed({ code, conflict, isPaired }) {
  if (!isPaired) return ending('whatsapp-refused', listed(`status ${number(code)}`, REFUSALS.get(code)))
  if (code === '401' && conflict === 'device_removed') return ending('logged-out')
  return ending('device-removed', `status ${number(code)}`)
}

/** @param {Stanza['attrs']} attrs @param {number} now @returns {Ending} */
function restricted(attrs, now) {
  const { code = '', expire = '' } = attrs
  const seconds = /^[1-9]\d{0,8}$/.test(expire) ? Number(expire) : Infinity
  const isKnown = seconds <= MAX_BAN_DAYS * 86_400
  const until = isKnown ? `until ${new Date(now + seconds * 1000).toISOString()}` : undefined
  const how = ending(
    'account-restricted',
    listed(until, BANS.get(code) ?? (code && `ban ${number(code)}`), textsOf(attrs))
  )
  return isKnown ? { ...how, waitFor: seconds } : how
}

/** The texts of WhatsApp, if it sent any. @param {Stanza['attrs']} attrs */
function textsOf({ logout_message_header: header, logout_message_subtext: subtext, message }) {
  const texts = cleaned([header, subtext, message].filter(Boolean).join(' / '))
  return texts ? `WhatsApp says "${texts}"` : undefined
}

/** One line of printable characters, of limited length. @param {string} text */
function cleaned(text) {
  const line = text
    .toWellFormed()
    .replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
  const characters = [...line]
  return characters.length > MAX_TEXT_CHARACTERS ? `${characters.slice(0, MAX_TEXT_CHARACTERS - 1).join('')}…` : line
}

/** @param {(string | undefined)[]} parts */
const listed = (...parts) => parts.filter(Boolean).join(', ')

/** The number as WhatsApp sent it, or `unknown`. @param {string} text */
const number = text => (/^\d{1,5}$/.test(text) ? text : 'unknown')

/** The name of a stream error, if it is a plain word. @param {string | undefined} tag */
const named = tag => (tag && /^[a-z-]{1,40}$/.test(tag) ? tag : undefined)

/**
 * A map of WhatsApp's words: in an object, `constructor` would be found.
 * @template {string} T
 * @param {Record<string, T>} table
 * @returns {Map<string, T>}
 */
function asMap(table) {
  return new Map(Object.entries(table))
}
