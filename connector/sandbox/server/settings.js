// @ts-check
/** Settings of the sandbox: the schedule of unpaired sockets, the history, and the version that the site names. */

import { invalid } from './refusal.js'
import { QR_LIFETIMES_SECONDS, REF_COUNT } from '../protocol/refs.js'
import { isRevision } from './versions.js'

/** Time after which the server ends an unpaired socket (whatsmeow #430, measured in 2023). */
const UNPAIRED_LIFETIME_SECONDS = 210

/**
 * @typedef {object} Settings
 * @property {number[]} qrLifetimes seconds; the last one counts for all that follow
 * @property {number} refs number of codes of a socket
 * @property {number} unpairedLifetime seconds until an unpaired socket is ended
 * @property {number} history number of people whose LIDs a phone names in its history to a device that was just linked; 0: no history
 * @property {string[]} unknownNumbers numbers without an account
 * @property {string[]} offlinePhones numbers of phones that are switched off
 * @property {boolean} deviceNotifications whether accounts that know the devices of another get notifications of changes
 * @property {number | null} clientRevision the last number of the version that the service worker names; null: no worker
 */

/** @type {Readonly<Settings>} */
export const DEFAULTS = {
  qrLifetimes: QR_LIFETIMES_SECONDS,
  refs: REF_COUNT,
  unpairedLifetime: UNPAIRED_LIFETIME_SECONDS,
  clientRevision: null,
  history: 0,
  unknownNumbers: [],
  offlinePhones: [],
  deviceNotifications: true
}

/**
 * @param {Record<string, unknown>} wanted a missing setting takes its default
 * @param {Readonly<Settings>} [defaults]
 * @returns {Settings}
 */
export function readSettings(wanted, defaults = DEFAULTS) {
  const unknown = Object.keys(wanted).find(name => !Object.hasOwn(DEFAULTS, name))
  if (unknown) throw invalid(`there is no setting "${unknown}": ${Object.keys(DEFAULTS).join(', ')}`)
  const settings = { ...defaults, ...wanted }
  const { qrLifetimes, refs, unpairedLifetime, clientRevision, history, deviceNotifications } = settings
  if (!Array.isArray(qrLifetimes) || qrLifetimes.length === 0 || !qrLifetimes.every(isSpan))
    throw invalid('qrLifetimes must be a list of positive numbers of seconds')
  if (!Number.isInteger(refs) || refs < 1 || refs > 100) throw invalid('refs must be a whole number from 1 to 100')
  if (!isSpan(unpairedLifetime)) throw invalid('unpairedLifetime must be a positive number of seconds')
  if (!isRevision(clientRevision)) throw invalid('clientRevision must be a positive whole number or null')
  if (!Number.isInteger(history) || history < 0 || history > 100_000)
    throw invalid('history must be a whole number from 0 to 100000')
  for (const name of /** @type {const} */ (['unknownNumbers', 'offlinePhones']))
    if (!Array.isArray(settings[name]) || !settings[name].every(isNumber))
      throw invalid(`${name} must be a list of phone numbers`)
  if (typeof deviceNotifications !== 'boolean') throw invalid('deviceNotifications must be true or false')
  return settings
}

/** @param {unknown} value */
function isSpan(value) {
  return typeof value === 'number' && value > 0 && value < 1e6
}

/** @param {unknown} value */
function isNumber(value) {
  return typeof value === 'string' && /^[1-9]\d{4,14}$/.test(value)
}
