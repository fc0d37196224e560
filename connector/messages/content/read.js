// @ts-check
/** Reads the content of a message: which kind, which text, and what it has besides the text. */

import { FIELDS } from './fields.js'
import { nested, wordsOf } from './reading.js'

/** @typedef {import('./reading.js').Reading} Reading */
/** @typedef {import('./reading.js').Content} Content */

/** Where each field stands in the table. */
const PLACES = new Map(Object.keys(FIELDS).map((name, place) => [name, place]))

/** A content with too many others around it, or one on which this program fails. @type {Reading} */
const UNREADABLE = { kind: 'other:unreadable', lines: [] }

/**
 * What a person reads of a content; null if it is talk between devices. A content with several fields, which no app of WhatsApp
 * sends, is what its first field is, with the words of all.
 *
 * Never throws: the process would end, and WhatsApp would deliver the message to the next one, for ever.
 * @param {Content | null | undefined} content
 * @returns {Reading | null}
 */
export function readContent(content) {
  if (!content) return null
  try {
    const read = nested(() => readFields(content))
    return read === undefined ? UNREADABLE : read
  } catch {
    return UNREADABLE
  }
}

/** @param {Content} content @returns {Reading | null} */
function readFields(content) {
  const [first, ...others] = namesIn(content).flatMap(name => readField(content, name, FIELDS[name] ?? null))
  if (!first) return null
  const secret = content.messageContextInfo?.messageSecret ?? first.secret ?? null
  return { ...first, secret, lines: [...first.lines, ...others.flatMap(wordsOf)] }
}

/** Fields that a content may have, in the order of the table. Nearly all messages have one or two. @param {Content} content */
function namesIn(content) {
  const names = Object.keys(content).filter(name => PLACES.has(name))
  return names.sort((one, other) => placeOf(one) - placeOf(other))
}

/** @param {string} name */
const placeOf = name => PLACES.get(name) ?? Infinity

/**
 * @param {Content} content
 * @param {string} name
 * @param {import('./reading.js').Reader | null} read
 * @returns {Reading[]}
 */
function readField(content, name, read) {
  const value = /** @type {any} */ (content)[name]
  const reading = read && value ? read(value, readContent) : null
  if (!reading) return []
  return [{ ...reading, kind: reading.kind ?? `other:${name}`, context: reading.context ?? value.contextInfo ?? null }]
}
