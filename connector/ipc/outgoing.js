// @ts-check
/** The part of a `send` command that says what a message says. */

/** @typedef {{id: string, chat: string, sender: string, fromMe?: boolean}} Target the message that another one is about */
/** @typedef {Target & {text?: string | null}} Quoted text: what the quoted message said */
/** @typedef {{latitude: number, longitude: number, name?: string | null, address?: string | null}} Location degrees */
/** @typedef {{name: string, phoneNumbers?: string[], vcard?: string | null}} Contact phoneNumbers: digits */

/**
 * @typedef {object} Outgoing
 * @property {'text' | 'location' | 'contact' | 'reaction' | 'edit' | 'revoke'} kind
 * @property {string | null} [text] of a text or an edit
 * @property {Quoted | null} [replyTo]
 * @property {string[]} [mentions] addresses
 * @property {Target | null} [target] of a reaction, an edit or a revoke
 * @property {string | null} [emoji] of a reaction; nothing: the reaction is taken away
 * @property {Location | null} [location]
 * @property {Contact | null} [contact]
 */

/** @typedef {(value: any) => boolean} Check */

/** UTF-16 units, as in bounds.js. */
const MAX_TEXT_LENGTH = 65_536

/** UTF-16 units: a quote is shown in two or three lines. */
const MAX_QUOTED_LENGTH = 1_024

/** Addresses that one text may mention: the members of the largest group. */
const MAX_MENTIONS = 1_024

/** @type {Check} */
const isObject = value => typeof value === 'object' && value !== null
/** @type {(maxLength?: number) => Check} */
const text =
  (maxLength = MAX_TEXT_LENGTH) =>
  value =>
    typeof value === 'string' && value.length <= maxLength
/** @type {Check} */
export const isAddress = value => text(200)(value) && /^[\w.:-]+@(s\.whatsapp\.net|lid|g\.us)$/.test(value)
/** @type {Check} */
export const isId = value => text(200)(value) && value.length > 0
/** @type {(limit: number) => Check} */
const degrees = limit => value => Number.isFinite(value) && Math.abs(value) <= limit
/** @type {(accepts: Check, most: number) => Check} */
const listOf = (accepts, most) => value => Array.isArray(value) && value.length <= most && value.every(accepts)
/** @type {(accepts: Check) => Check} */
const optional = accepts => value => value === undefined || value === null || accepts(value)
/** @type {(shape: Record<string, Check>) => Check} */
export const shaped = shape => value =>
  isObject(value) && Object.entries(shape).every(([key, accepts]) => accepts(value[key]))

/** @type {Check} */
const isFlag = value => typeof value === 'boolean'

/** Authors have addresses of more kinds than those who can be written to. */
const TARGET = { id: isId, chat: isAddress, sender: isId, fromMe: optional(isFlag) }
const LOCATION = { latitude: degrees(90), longitude: degrees(180), name: optional(text()), address: optional(text()) }
const CONTACT = { name: text(), phoneNumbers: optional(listOf(text(64), 100)), vcard: optional(text()) }

/** What each kind must have. @type {Record<string, Record<string, Check>>} */
const REQUIRED = {
  text: { text: text() },
  location: { location: shaped(LOCATION) },
  contact: { contact: shaped(CONTACT) },
  reaction: { target: shaped(TARGET), emoji: optional(text(200)) },
  edit: { target: shaped(TARGET), text: text() },
  revoke: { target: shaped(TARGET) }
}

/** What every kind may have. */
const ALLOWED = {
  replyTo: optional(shaped({ ...TARGET, text: optional(text(MAX_QUOTED_LENGTH)) })),
  mentions: optional(listOf(isAddress, MAX_MENTIONS))
}

/** @param {any} value @returns {value is Outgoing} */
export const isOutgoing = value =>
  isObject(value) &&
  Object.hasOwn(REQUIRED, value.kind) &&
  shaped(REQUIRED[value.kind])(value) &&
  shaped(ALLOWED)(value)

/** A message that was read. @type {Check} */
export const isReadKey = shaped({ id: isId, sender: isId, fromMe: optional(isFlag) })
