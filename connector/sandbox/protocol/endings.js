// @ts-check
/**
 * How the server ends a connection: `<failure>` in place of a login, `<stream:error>` at any time.
 *
 * The attributes are those that WhatsApp Web reads (whatsapp-rust, `wacore/src/stanza/connect_failure.rs`).
 */

import { stanza } from './stanza.js'

/** @import { BinaryNode } from 'baileys' */

/** Attributes of a failure next to its reason. Numbers: the kind of a temporary ban, and the seconds that it lasts. */
const NUMBERS = new Set(['code', 'expire'])
const TEXTS = new Set(['message', 'url', 'logout_message_header', 'logout_message_subtext', 'logout_message_locale'])

/** Characters of a text. */
const LONGEST_TEXT = 4096

/** Stream errors that are a child and no code. */
const CHILDREN = new Set(['ack', 'xml-not-well-formed'])

/** Stream errors that are a conflict: its type, and the code that comes with it. @type {Record<string, { type: string, code?: string }>} */
const CONFLICTS = { conflict: { type: 'replaced' }, device_removed: { type: 'device_removed', code: '401' } }

/** @param {unknown} value a reason, or an object with it and further attributes */
export function isFailure(value) {
  if (typeof value !== 'object' || value === null) return isReason(value)
  const { reason, ...attrs } = /** @type {Record<string, unknown>} */ (value)
  return isReason(reason) && Object.entries(attrs).every(isAttribute)
}

/** @param {unknown} value as `isFailure` takes it @returns {BinaryNode} */
export function failure(value) {
  const attrs = typeof value === 'object' && value !== null ? value : { reason: value }
  const texts = Object.entries(attrs).map(([name, value]) => [name, String(value)])
  return stanza('failure', { location: 'sandbox', ...Object.fromEntries(texts) })
}

/** @param {unknown} value a code of three digits, or the name of what the error holds */
export function isStreamError(value) {
  const name = String(value)
  return CHILDREN.has(name) || Object.hasOwn(CONFLICTS, name) || /^[45]\d\d$/.test(name)
}

/** @param {unknown} value as `isStreamError` takes it @returns {BinaryNode} */
export function streamError(value) {
  const name = String(value)
  if (CHILDREN.has(name)) return stanza('stream:error', {}, [stanza(name)])
  if (!Object.hasOwn(CONFLICTS, name)) return stanza('stream:error', { code: name })
  const { type, code } = CONFLICTS[name]
  return stanza('stream:error', code ? { code } : {}, [stanza('conflict', { type })])
}

/** @param {unknown} value */
function isReason(value) {
  return Number.isInteger(value) && Number(value) >= 400 && Number(value) <= 599
}

/** @param {[string, unknown]} attribute */
function isAttribute([name, value]) {
  if (NUMBERS.has(name)) return typeof value === 'number'
  return TEXTS.has(name) && typeof value === 'string' && value.length <= LONGEST_TEXT
}
