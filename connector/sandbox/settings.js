// @ts-check
/** The schedule of codes that sockets get, as the control port may change it. */

import { invalid } from './refusal.js'
import { QR_LIFETIMES, REF_COUNT } from './refs.js'

/**
 * @typedef {object} Settings
 * @property {number[]} qrLifetimes seconds; the last goes for all that follow
 * @property {number} refs how many codes a socket gets
 */

/** @type {Readonly<Settings>} */
export const DEFAULTS = { qrLifetimes: QR_LIFETIMES, refs: REF_COUNT }

/**
 * @param {Record<string, unknown>} wanted what is missing takes its default
 * @returns {Settings}
 */
export function readSettings(wanted) {
  const unknown = Object.keys(wanted).find(name => !Object.hasOwn(DEFAULTS, name))
  if (unknown) throw invalid(`there is no setting "${unknown}": ${Object.keys(DEFAULTS).join(', ')}`)
  const { qrLifetimes, refs } = { ...DEFAULTS, ...wanted }
  if (!areLifetimes(qrLifetimes)) throw invalid('qrLifetimes must be a list of positive numbers of seconds')
  if (!Number.isInteger(refs) || refs < 1 || refs > 100) throw invalid('refs must be a whole number from 1 to 100')
  return { qrLifetimes, refs }
}

/** @param {unknown} value */
function areLifetimes(value) {
  const isLifetime = (/** @type {unknown} */ item) => typeof item === 'number' && item > 0 && item < 1e6
  return Array.isArray(value) && value.length > 0 && value.every(isLifetime)
}
