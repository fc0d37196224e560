// @ts-check
/** Reads the content of a message: which kind, which text, and what it has besides the text. */

import { FIELDS } from './fields.js'
import { wordsOf } from './reading.js'

/** @typedef {import('./reading.js').Reading} Reading */
/** @typedef {import('./reading.js').Content} Content */

/** Messages inside each other that are opened. Other libraries of protobuf refuse more than 100. WhatsApp has up to four. */
const MAX_DEPTH = 100

let depth = 0

/**
 * What a person reads of a content; null if it is talk between devices. A content with several fields, which no app of WhatsApp
 * sends, is what its first field is, with the words of all.
 * @param {Content | null | undefined} content
 * @returns {Reading | null}
 */
export function readContent(content) {
  if (!content) return null
  if (depth >= MAX_DEPTH) return { kind: 'other:nested', lines: [] }
  depth += 1
  try {
    const [first, ...others] = Object.entries(FIELDS).flatMap(([name, read]) => readField(content, name, read))
    if (!first) return null
    const secret = content.messageContextInfo?.messageSecret ?? first.secret ?? null
    return { ...first, secret, lines: [...first.lines, ...others.flatMap(wordsOf)] }
  } finally {
    depth -= 1
  }
}

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
