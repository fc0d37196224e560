// @ts-check
/** What the front tells a connector to do. */

/**
 * @typedef {import('../session/link_options.js').LinkOptions} LinkOptions
 * @typedef {{command: 'hello', front: string, have: number, epoch: number, account: string | null, link?: LinkOptions,
 *   mayRegister?: boolean}} Hello what the record knows: the last seq and the newest epoch that it holds, and whose credentials should
 *   be here; null: nobody's. An older front knows no link options, and forbids no registration
 * @typedef {{command: 'ack', seq: number}} Ack
 * @typedef {{command: 'ping'}} Ping whether this process still hears
 * @typedef {{command: 'close'}} Close unpaired only: end the socket at once and fall asleep
 * @typedef {{command: 'logout'}} Logout
 * @typedef {{command: 'pair_by_code', request: string, phoneNumber: string}} PairByCode
 * @typedef {{command: 'set_link', link: LinkOptions}} SetLink what the next link is opened with
 * @typedef {Hello | Ack | Ping | Close | Logout | PairByCode | SetLink} Command
 */

import { isLinkOptions } from '../session/link_options.js'

/** @param {unknown} value */
const isSeq = value => Number.isSafeInteger(value) && Number(value) >= 0
/** @param {unknown} value */
const isName = value => typeof value === 'string' && value.length > 0 && value.length <= 200
/** @param {unknown} value */
const isPhoneNumber = value => typeof value === 'string' && /^\d{5,15}$/.test(value)
/** @param {unknown} value */
const isBoolean = value => typeof value === 'boolean'
/** What an older front leaves out. @param {(value: unknown) => boolean} accepts @returns {(value: unknown) => boolean} */
const orNothing = accepts => value => value === undefined || accepts(value)

/** @type {Record<string, Record<string, (value: unknown) => boolean>>} which keys a command has, and of what kind */
const SHAPES = {
  hello: {
    front: isName,
    have: isSeq,
    epoch: isSeq,
    account: value => value === null || isPhoneNumber(value),
    link: orNothing(isLinkOptions),
    mayRegister: orNothing(isBoolean)
  },
  ack: { seq: isSeq },
  ping: {},
  close: {},
  logout: {},
  pair_by_code: { request: isName, phoneNumber: isPhoneNumber },
  set_link: { link: isLinkOptions }
}

/**
 * The command of a line; null where it is none: torn, garbage, or from a newer front.
 * @param {string} line
 * @returns {Command | null}
 */
export function readCommand(line) {
  const found = parsed(line)
  if (typeof found?.command !== 'string' || !Object.hasOwn(SHAPES, found.command)) return null
  const fits = Object.entries(SHAPES[found.command]).every(([key, accepts]) => accepts(found[key]))
  return fits ? found : null
}

/** @param {string} line @returns {any} */
function parsed(line) {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
