// @ts-check
/** What a content of WhatsApp says, before addresses are known and before anything is cut. */

import { toNumber } from 'baileys'

/** @typedef {import('baileys').proto.IMessage} Content */
/** @typedef {import('baileys').proto.IMessageKey} Key */
/** @typedef {import('baileys').proto.IContextInfo} Context */

/**
 * @typedef {object} Reading
 * @property {string} kind as callers get it
 * @property {string[]} lines what a person reads, from top to bottom. Each non-empty one is a line of the text
 * @property {Context | null} [context] what it quotes and whom it mentions
 * @property {Key | null} [target] the message that it is about, as its sender names it
 * @property {boolean} [isOwnTarget] only the author of the target may send this
 * @property {string | null} [emoji]
 * @property {{latitude: number, longitude: number, name: string | null, address: string | null} | null} [location]
 * @property {{name: string | null, phoneNumbers: string[], vcard: string | null} | null} [contact]
 * @property {{id: string | null, title: string | null} | null} [choice]
 * @property {{name: string, options: string[], selectable: number} | null} [poll]
 * @property {{mimetype: string | null, size: number | null, fileName: string | null, seconds: number | null} | null} [media]
 * @property {import('./sealed.js').Sealed} [sealed] what only the secret of the target opens
 * @property {Uint8Array | null} [secret] of this message: it opens what others say about it
 */

/**
 * Reads the value of one field of `Message`. Without a kind of its own it is of the kind `other:`, with the name of the field.
 * @typedef {(value: any, read: ReadContent) => (Omit<Reading, 'kind'> & {kind?: string}) | null} Reader
 */
/** A reader of a value without a content inside. @typedef {(value: any) => Omit<Reading, 'kind'> & {kind?: string}} PlainReader */
/** Reads a content inside the content. @typedef {(content: Content | null | undefined) => Reading | null} ReadContent */

/**
 * The texts among these, without empty ones. Takes anything: what is no text is left out.
 * @param {...unknown} texts
 * @returns {string[]}
 */
export const textsOf = (...texts) =>
  texts.flat(Infinity).filter(/** @returns {text is string} */ text => typeof text === 'string' && text !== '')

/** Contents inside each other that are read. Other libraries of protobuf refuse more than 100; WhatsApp's apps make four. */
const MAX_DEPTH = 100

let depth = 0

/**
 * Reads a content inside another one; undefined if too many are around it, which would exhaust the stack.
 * @template T
 * @param {() => T} read
 * @returns {T | undefined}
 */
export function nested(read) {
  if (depth >= MAX_DEPTH) return undefined
  depth += 1
  try {
    return read()
  } finally {
    depth -= 1
  }
}

/** @param {unknown} text @returns {string | null} */
export const textOrNull = text => (typeof text === 'string' && text !== '' ? text : null)

/** A number from 0 on; null for anything else. A sender may say any number of 64 bits. @param {unknown} value a number or a Long */
export function countOf(value) {
  if (value === null || value === undefined) return null
  const number = toNumber(/** @type {any} */ (value))
  return Number.isFinite(number) && number >= 0 ? Math.min(Math.trunc(number), Number.MAX_SAFE_INTEGER) : null
}

/**
 * An amount of money as text, such as `12.5 EUR`; null without one.
 * @param {unknown} amount1000 thousandths
 * @param {string | null | undefined} currency
 */
export function moneyOf(amount1000, currency) {
  const amount = countOf(amount1000)
  return amount ? textsOf(String(amount / 1000), currency).join(' ') : textOrNull(currency)
}

/** ISO 8601; null if it is no time. @param {unknown} seconds since 1970 */
export function timeOf(seconds) {
  const count = countOf(seconds)
  const time = count ? new Date(count * 1000) : null
  return time && !Number.isNaN(time.getTime()) ? time.toISOString() : null
}

/**
 * Every word of a reading, wherever it stands.
 * @param {Omit<Reading, 'kind'>} reading
 */
export const wordsOf = ({ lines, emoji, location, contact, choice, poll, media }) => [
  ...new Set(
    textsOf(
      lines,
      emoji,
      [location?.name, location?.address],
      [contact?.name, contact?.vcard],
      [choice?.title, choice?.id],
      [poll?.name, poll?.options],
      media?.fileName
    )
  )
]
