// @ts-check
/** Bodies of control requests: what they must hold, and what they ask for. */

import { proto } from 'baileys'
import { KINDS } from '../messages/phone_contents.js'
import { invalid } from './refusal.js'
import { newId } from '../protocol/stanza.js'

const { HistorySyncType } = proto.HistorySync

/** Name of a phone, if the request gives none. */
const PUSH_NAME = 'Ann'

/** Limit for the members in a request. A group has its own limit. */
const MAX_MEMBERS = 2000

/** Limits for a history: invented people, bytes of the message of each conversation, MiB of padding. */
const MAX_OF_HISTORY = { more: 100_000, messageBytes: 10_000, padding: 256 }

/** @typedef {Record<string, unknown>} Body */

/**
 * @param {Body} body
 * @returns {import('../messages/conversations.js').MessageRequest}
 */
export function messageRequest(body) {
  if ((body.to === undefined) === (body.group === undefined)) throw invalid('exactly one of to and group must be given')
  return {
    from: phoneNumber(body, 'from'),
    to: body.to === undefined ? null : phoneNumber(body, 'to'),
    group: body.group === undefined ? null : text(body, 'group'),
    wish: wishOf(body),
    id: body.id === undefined ? newId() : text(body, 'id'),
    pushName: pushName(body) ?? '',
    byLid: body.byLid === true,
    corruptCopies: corruptCopies(body),
    withoutKey: body.withoutKey === true,
    isAbsent: body.isAbsent === true,
    hasOneAddress: body.hasOneAddress === true
  }
}

/** What a message says: exactly one kind. @param {Body} body */
function wishOf(body) {
  const kinds = KINDS.filter(kind => body[kind] !== undefined)
  const [kind] = kinds
  if (kinds.length !== 1 || !kind) throw invalid(`exactly one of ${KINDS.join(', ')} must be given`)
  if (kind === 'text') text(body, 'text')
  else if (typeof body[kind] !== 'object' || body[kind] === null) throw invalid(`${kind} must be an object`)
  return body
}

/**
 * @param {Body} body
 * @returns {import('../accounts/groups.js').GroupRequest}
 */
export function groupRequest(body) {
  const { members, subject = 'Friends', addressingMode = 'pn' } = body
  if (!Array.isArray(members) || members.length > MAX_MEMBERS) throw invalid('members must be a list of phone numbers')
  return {
    ...(body.id !== undefined && { id: text(body, 'id') }),
    members: members.map(member => phoneNumber({ members: member }, 'members')),
    subject: text({ subject }, 'subject'),
    addressingMode: String(addressingMode)
  }
}

/**
 * @param {Body} body
 * @returns {import('../accounts/groups.js').GroupChange}
 */
export function groupChange(body) {
  return {
    group: text(body, 'group'),
    add: phoneNumbers(body, 'add'),
    remove: phoneNumbers(body, 'remove'),
    isQuiet: body.isQuiet === true
  }
}

/** @param {Body} body @param {string} name */
function phoneNumbers(body, name) {
  const numbers = body[name] ?? []
  if (!Array.isArray(numbers)) throw invalid(`${name} must be a list of phone numbers`)
  return numbers.map(number => phoneNumber({ [name]: number }, name))
}

/** @param {Body} body @returns {import('../messages/histories.js').HistoryRequest} */
export function historyRequest(body) {
  const { syncType = 'INITIAL_BOOTSTRAP', contacts = [], named = 'mappings', isBlob = false } = body
  if (!Object.hasOwn(HistorySyncType, String(syncType)))
    throw invalid(`syncType must be one of ${Object.keys(HistorySyncType).join(', ')}`)
  if (!Array.isArray(contacts)) throw invalid('contacts must be a list of phone numbers')
  if (named !== 'mappings' && named !== 'conversations') throw invalid('named must be "mappings" or "conversations"')
  return {
    phoneNumber: phoneNumber(body),
    syncType: /** @type {keyof typeof HistorySyncType} */ (syncType),
    contacts: contacts.map(contact => phoneNumber({ contacts: contact }, 'contacts')),
    named,
    more: count(body, 'more'),
    messageBytes: count(body, 'messageBytes'),
    padding: count(body, 'padding'),
    isBlob: isBlob === true
  }
}

/** @param {Body} body @param {keyof typeof MAX_OF_HISTORY} name */
function count(body, name) {
  const value = body[name] ?? 0
  if (!Number.isInteger(value) || Number(value) < 0 || Number(value) > MAX_OF_HISTORY[name])
    throw invalid(`${name} must be 0 to ${MAX_OF_HISTORY[name]}`)
  return Number(value)
}

/**
 * @param {Body} body
 * @param {string} name
 */
export function text(body, name) {
  const value = body[name]
  if (typeof value !== 'string' || value === '') throw invalid(`${name} must be a text`)
  return value
}

/**
 * @param {Body} body
 * @param {string} [name]
 */
export function phoneNumber(body, name = 'phoneNumber') {
  const number = text(body, name)
  if (!/^[1-9]\d{4,14}$/.test(number))
    throw invalid(`${name} must be 5 to 15 digits, without + and with no 0 at the beginning`)
  return number
}

/** @param {Body} body */
export function optionalNumber(body) {
  return body.phoneNumber === undefined ? null : phoneNumber(body)
}

/** Characters of a name. WhatsApp's apps allow 25; a modified phone allows any number. */
const MAX_NAME_LENGTH = 60_000

/**
 * @param {Body} body
 * @returns {string | null} null: the phone has no name
 */
export function pushName({ pushName = PUSH_NAME }) {
  if (pushName === null) return null
  const isName =
    typeof pushName === 'string' && pushName !== '' && pushName.length <= MAX_NAME_LENGTH && !pushName.includes('@')
  if (!isName) throw invalid('pushName must be a text of at most 60000 characters without @, or null')
  return pushName
}

/** Number of copies that cannot be decrypted: `true` is one, "always" is all. @param {Body} body */
function corruptCopies({ isCorrupt = false }) {
  if (isCorrupt === 'always') return Infinity
  const copies = Number(isCorrupt)
  if (typeof isCorrupt === 'string' || !Number.isInteger(copies) || copies < 0) {
    throw invalid('isCorrupt must be true, false, a number of copies, or "always"')
  }
  return copies
}
