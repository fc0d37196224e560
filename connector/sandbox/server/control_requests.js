// @ts-check
/** What the bodies of control requests ask for, and what they must hold. */

import { invalid } from './refusal.js'
import { newId } from '../protocol/stanza.js'

/** The name of a phone whose owner gave none. */
const PUSH_NAME = 'Ann'

/** Members of a group that a request names: the group itself says how many there may be. */
const NUMBERS = 1000

/** @typedef {Record<string, unknown>} Body */

/** A message to be sent. @param {Body} body */
export function letterWish(body) {
  if ((body.to === undefined) === (body.group === undefined)) throw invalid('exactly one of to and group must be given')
  return {
    from: phoneNumber(body, 'from'),
    to: body.to === undefined ? null : phoneNumber(body, 'to'),
    group: body.group === undefined ? null : text(body, 'group'),
    text: text(body, 'text'),
    id: body.id === undefined ? newId() : text(body, 'id'),
    pushName: pushName(body) ?? '',
    byLid: body.byLid === true,
    corruptCopies: corruptCopies(body),
    withoutKey: body.withoutKey === true,
    isAbsent: body.isAbsent === true,
    hasOneAddress: body.hasOneAddress === true
  }
}

/** A group to be made. @param {Body} body */
export function groupWish(body) {
  const { members, subject = 'Friends', addressingMode = 'pn' } = body
  if (!Array.isArray(members) || members.length > NUMBERS) throw invalid('members must be a list of phone numbers')
  return {
    ...(body.id !== undefined && { id: text(body, 'id') }),
    members: members.map(member => phoneNumber({ members: member }, 'members')),
    subject: text({ subject }, 'subject'),
    addressingMode: String(addressingMode)
  }
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
  if (!/^[1-9]\d{4,14}$/.test(number)) throw invalid(`${name} must be 5 to 15 digits, without +`)
  return number
}

/** @param {Body} body */
export function optionalNumber(body) {
  return body.phoneNumber === undefined ? null : phoneNumber(body)
}

/**
 * @param {Body} body
 * @returns {string | null} null: the phone has no name to tell
 */
export function pushName({ pushName = PUSH_NAME }) {
  if (pushName === null) return null
  const isName = typeof pushName === 'string' && pushName !== '' && pushName.length <= 100 && !pushName.includes('@')
  if (!isName) throw invalid('pushName must be a text of at most 100 characters without @, or null')
  return pushName
}

/** How many copies cannot be decrypted: `true` is one, "always" is all. @param {Body} body */
function corruptCopies({ isCorrupt = false }) {
  if (isCorrupt === 'always') return Infinity
  const copies = Number(isCorrupt)
  if (typeof isCorrupt === 'string' || !Number.isInteger(copies) || copies < 0) {
    throw invalid('isCorrupt must be true, false, a number of copies, or "always"')
  }
  return copies
}
