// @ts-check
/**
 * Endings of a connection by the server: `<failure>` in place of a login, `<stream:error>` at any time.
 *
 * The attributes are those that WhatsApp Web reads (whatsapp-rust, `wacore/src/stanza/connect_failure.rs`).
 */

import { stanza } from './stanza.js'

/** @import { BinaryNode } from 'baileys' */

/** Further attributes of a failure. Numbers: the kind of a temporary ban, and the seconds that it lasts. */
const NUMBER_ATTRIBUTES = new Set(['code', 'expire'])
const TEXT_ATTRIBUTES = new Set([
  'message',
  'url',
  'logout_message_header',
  'logout_message_subtext',
  'logout_message_locale'
])

const MAX_TEXT_LENGTH = 4096

/** Stream errors that are a child element instead of a code. */
const CHILD_ERRORS = new Set(['ack', 'xml-not-well-formed'])

/** Stream errors that are a conflict: type and code of each. @type {Record<string, { type: string, code?: string }>} */
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

/** @param {unknown} value a code from 400 to 599, or the name of the child element */
export function isStreamError(value) {
  const name = String(value)
  return CHILD_ERRORS.has(name) || Object.hasOwn(CONFLICTS, name) || /^[45]\d\d$/.test(name)
}

/** @param {unknown} value as `isStreamError` takes it @returns {BinaryNode} */
export function streamError(value) {
  const name = String(value)
  if (CHILD_ERRORS.has(name)) return stanza('stream:error', {}, [stanza(name)])
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
  if (NUMBER_ATTRIBUTES.has(name)) return typeof value === 'number'
  return TEXT_ATTRIBUTES.has(name) && typeof value === 'string' && value.length <= MAX_TEXT_LENGTH
}
