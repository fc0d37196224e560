// @ts-check
/** Commands of the front to a connector. */

/**
 * @typedef {import('../session/link_options.js').LinkOptions} LinkOptions
 * @typedef {{command: 'hello', front: string, have: number, epoch: number, account: string | null, link?: LinkOptions,
 *   mayRegister?: boolean}} Hello have, epoch: the last seq and the newest epoch that the front has stored. account: the number
 *   whose credentials should be here; null: no account. An older front sends no link options and does not forbid a registration
 * @typedef {{command: 'ack', seq: number}} Ack
 * @typedef {{command: 'ping'}} Ping asks whether this process still reads commands
 * @typedef {{command: 'close'}} Close only for an unpaired session: ends the socket at once, and the process
 * @typedef {{command: 'logout'}} Logout
 * @typedef {{command: 'pair_by_code', request: string, phoneNumber: string}} PairByCode
 * @typedef {{command: 'set_link', link: LinkOptions}} SetLink options of the next socket
 * @typedef {Hello | Ack | Ping | Close | Logout | PairByCode | SetLink} Command
 */

import { isLinkOptions } from '../session/link_options.js'

/** @param {unknown} value */
const isSeq = value => Number.isSafeInteger(value) && Number(value) >= 0
/** @param {unknown} value */
const isName = value => typeof value === 'string' && value.length > 0 && value.length <= 200
/** @param {unknown} value */
const isPhoneNumber = value => typeof value === 'string' && /^\d{5,15}$/.test(value)
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
    mayRegister: optional(value => typeof value === 'boolean')
  },
  ack: { seq: isSeq },
  ping: {},
  close: {},
  logout: {},
  pair_by_code: { request: isName, phoneNumber: isPhoneNumber },
  set_link: { link: isLinkOptions }
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

/** @param {string} line @returns {any} */
function parsed(line) {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
