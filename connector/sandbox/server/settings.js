// @ts-check
/** What sockets that wait for a scan get, and which version the site names, as the control port may change it. */

import { invalid } from './refusal.js'
import { QR_LIFETIMES, REF_COUNT } from '../protocol/refs.js'
import { isRevision } from './versions.js'

/** Seconds after which the server ends a socket on which nobody was linked (whatsmeow #430, measured in 2023). */
const UNPAIRED_LIFETIME = 210

/**
 * @typedef {object} Settings
 * @property {number[]} qrLifetimes seconds; the last goes for all that follow
 * @property {number} refs how many codes a socket gets
 * @property {number} unpairedLifetime seconds until a socket on which nobody was linked is ended
 * @property {number} history people whose LIDs a phone names in the history that it sends once a device is linked; 0: it sends none
 * @property {number | null} clientRevision the end of the version that the service worker names; null: there is no worker
 */

/** @type {Readonly<Settings>} */
export const DEFAULTS = {
  qrLifetimes: QR_LIFETIMES,
  refs: REF_COUNT,
  unpairedLifetime: UNPAIRED_LIFETIME,
  clientRevision: null,
  history: 0
}

/**
 * @param {Record<string, unknown>} wanted what is missing takes its default
 * @param {Readonly<Settings>} [defaults]
 * @returns {Settings}
 */
export function readSettings(wanted, defaults = DEFAULTS) {
  const unknown = Object.keys(wanted).find(name => !Object.hasOwn(DEFAULTS, name))
  if (unknown) throw invalid(`there is no setting "${unknown}": ${Object.keys(DEFAULTS).join(', ')}`)
  const { qrLifetimes, refs, unpairedLifetime, clientRevision, history } = { ...defaults, ...wanted }
  if (!areLifetimes(qrLifetimes)) throw invalid('qrLifetimes must be a list of positive numbers of seconds')
  if (!Number.isInteger(refs) || refs < 1 || refs > 100) throw invalid('refs must be a whole number from 1 to 100')
  if (!isSpan(unpairedLifetime)) throw invalid('unpairedLifetime must be a positive number of seconds')
  if (!isRevision(clientRevision)) throw invalid('clientRevision must be a positive whole number or null')
  if (!Number.isInteger(history) || history < 0 || history > 100_000)
    throw invalid('history must be a whole number from 0 to 100000')
  return { qrLifetimes, refs, unpairedLifetime, clientRevision, history }
}

/** @param {unknown} value */
function areLifetimes(value) {
  return Array.isArray(value) && value.length > 0 && value.every(isSpan)
}

/** @param {unknown} value */
function isSpan(value) {
  return typeof value === 'number' && value > 0 && value < 1e6
}
