// @ts-check
/** Commands of the front to a connector. */

/**
 * @typedef {import('../session/link_options.js').LinkOptions} LinkOptions
 * @typedef {{command: 'hello', front: string, have: number, epoch: number, account: string | null, link?: LinkOptions,
 *   mayRegister?: boolean, restored?: boolean, understands?: string[], retention?: number}} Hello have, epoch: the last seq and the newest epoch that the front has stored. account: the number
 *   whose credentials should be here; null: no account. restored: the folder or the front's database came from a backup. understands: names of the events that the front
 *   knows. An older front sends no link options, does not forbid a registration, knows no backups and does not say what it understands.
 *   retention: seconds for which the front keeps a message
 * @typedef {{command: 'ack', seq: number}} Ack
 * @typedef {{command: 'ping'}} Ping asks whether this process still reads commands
 * @typedef {{command: 'close'}} Close only for an unpaired session: ends the socket at once, and the process
 * @typedef {{command: 'logout'}} Logout
 * @typedef {{command: 'pair_by_code', request: string, phoneNumber: string}} PairByCode
 * @typedef {{command: 'set_link', link: LinkOptions}} SetLink options of the next socket
 * @typedef {{command: 'send', id: string, chat: string, message: import('./outgoing.js').Outgoing, typing: number,
 *   onDoubt: 'resend' | 'fail', again: boolean, until?: number}} Send typing: seconds. again: it was handed over before, or may have been.
 *   until: when it is not worth sending any more: boot clock, seconds. An older front does not say
 * @typedef {{command: 'mark_read', chat: string, keys: ReadKey[]}} MarkRead
 * @typedef {{id: string, sender: string, fromMe?: boolean}} ReadKey
 * @typedef {{command: 'type', chat: string, seconds: number, kind: 'text' | 'voice'}} Type
 * @typedef {{command: 'ask', request: string, what: 'contact', number: string}} Ask
 * @typedef {Hello | Ack | Ping | Close | Logout | PairByCode | SetLink | Send | MarkRead | Type | Ask} Command
 */

import { isLinkOptions } from '../session/link_options.js'
import { isAddress, isId, isOutgoing, isReadKey } from './outgoing.js'

/** Seconds for which a chat may be shown that somebody types. */
const MAX_TYPING_SECONDS = 25

/** Messages that one command may mark as read. */
const MAX_READ_KEYS = 1_000

/** Names of events in a hello. */
const MAX_EVENT_NAMES = 200

/** @param {unknown} value */
const isSeq = value => Number.isSafeInteger(value) && Number(value) >= 0
/** @param {unknown} value */
const isName = value => typeof value === 'string' && value.length > 0 && value.length <= 200
/** @param {unknown} value */
const isPhoneNumber = value => typeof value === 'string' && /^\d{5,15}$/.test(value)
/** @param {unknown} value */
const isTypingTime = value => typeof value === 'number' && value >= 0 && value <= MAX_TYPING_SECONDS
/** @param {unknown} value */
const isMoment = value => typeof value === 'number' && value >= 0
/** @param {unknown} value */
const isFlag = value => typeof value === 'boolean'
/** @param {string[]} words @returns {(value: unknown) => boolean} */
const oneOf = words => value => typeof value === 'string' && words.includes(value)
/** @param {unknown} value */
const areEventNames = value =>
  Array.isArray(value) && value.length <= MAX_EVENT_NAMES && value.every(name => isName(name))
/** @param {unknown} value */
const isRetention = value => typeof value === 'number' && value > 0
/** @param {unknown} value */
const areReadKeys = value =>
  Array.isArray(value) && value.length > 0 && value.length <= MAX_READ_KEYS && value.every(isReadKey)
/** For keys that an older front does not send. @param {(value: unknown) => boolean} accepts @returns {(value: unknown) => boolean} */
const optional = accepts => value => value === undefined || accepts(value)

/** @type {Record<string, Record<string, (value: unknown) => boolean>>} keys of each command, and their kinds */
const SHAPES = {
  hello: {
    front: isName,
    have: isSeq,
    epoch: isSeq,
    account: value => value === null || isPhoneNumber(value),
    link: optional(isLinkOptions),
    mayRegister: optional(isFlag),
    restored: optional(isFlag),
    understands: optional(areEventNames),
    retention: optional(isRetention)
  },
  ack: { seq: isSeq },
  ping: {},
  close: {},
  logout: {},
  pair_by_code: { request: isName, phoneNumber: isPhoneNumber },
  set_link: { link: isLinkOptions },
  send: {
    id: isId,
    chat: isAddress,
    message: isOutgoing,
    typing: isTypingTime,
    onDoubt: oneOf(['resend', 'fail']),
    again: isFlag,
    until: optional(isMoment)
  },
  mark_read: { chat: isAddress, keys: areReadKeys },
  type: { chat: isAddress, seconds: isTypingTime, kind: oneOf(['text', 'voice']) },
  ask: { request: isName, what: oneOf(['contact']), number: isPhoneNumber }
}

/**
 * Reads the command of a line; null if the line is torn, garbage, or from a newer front.
 * @param {string} line
 * @returns {Command | null}
 */
export function readCommand(line) {
  const found = parsed(line)
  if (typeof found?.command !== 'string' || !Object.hasOwn(SHAPES, found.command)) return null
  const fits = Object.entries(SHAPES[found.command]).every(([key, accepts]) => accepts(found[key]))
  return fits ? found : null
}

/**
 * The message of a `send` that `readCommand` does not understand, so that its front need not wait for it; null for any other line.
 * @param {string} line
 * @returns {{id: string, chat: string} | null}
 */
export function readUnknownSend(line) {
  const found = parsed(line)
  if (found?.command !== 'send' || !isId(found.id)) return null
  return { id: found.id, chat: isId(found.chat) ? found.chat : '' }
}

/** @param {string} line @returns {any} */
function parsed(line) {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
