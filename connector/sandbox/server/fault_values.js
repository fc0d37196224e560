// @ts-check
/** Values that the faults take. Each function says whether a value fits. */

import { REFRESH_CHILDREN } from '../protocol/adv_secrets.js'

/** @param {unknown} value */
export function flag(value) {
  return value === true
}

/** @param {unknown} value */
export function status(value) {
  return Number.isInteger(value) && Number(value) >= 400 && Number(value) <= 599
}

/** @param {unknown} value */
export function seconds(value) {
  return typeof value === 'number' && value > 0 && value < 3600
}

/** @param {unknown} value `true` means "signed" */
export function moment(value) {
  return value === true || value === 'signed' || value === 'unsigned'
}

/** @param {unknown} value */
export function texts(value) {
  const all = [value].flat()
  return all.length > 0 && all.every(text => typeof text === 'string' && text !== '')
}

/** @param {unknown} value */
export function dirtyTypes(value) {
  return texts(value) && [value].flat().every(type => ['groups', 'communities', 'account_sync'].includes(String(type)))
}

/**
 * Checks a kind of query with a second value.
 * @param {string} name
 * @param {(value: unknown) => boolean} fits
 */
export function kindAnd(name, fits) {
  return (/** @type {any} */ value) => {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject && texts(value.kind) && !Array.isArray(value.kind) && fits(value[name])
  }
}

/** @param {unknown} value the child of the notification; `true` means the first one */
export function refresh(value) {
  return value === true || REFRESH_CHILDREN.includes(String(value))
}

/** A selection of messages, or all of them. @param {unknown} value @see selects */
export function messages(value) {
  return value === true || isSelection(value)
}

/**
 * Refusals of messages: an error for all of them, or a list of errors with the messages that each is for.
 * @param {unknown} value
 */
export function messageErrors(value) {
  return [value].flat().every(one => status(one) || (isSelection(one) && status(/** @type {any} */ (one).code)))
}

/** A delay: a number of seconds, or the least and the most, for all messages or a selection. @param {unknown} value */
export function delays(value) {
  const isDelay = (/** @type {unknown} */ span) => [span].flat().every(isSpan) && [span].flat().length <= 2
  return [value].every(one => isDelay(one) || (isSelection(one) && isDelay(/** @type {any} */ (one).seconds)))
}

/** @param {unknown} value seconds, 0 included */
function isSpan(value) {
  return typeof value === 'number' && value >= 0 && value < 3600
}

/** @param {unknown} value */
function isSelection(value) {
  if (!isObject(value)) return false
  const { to, share = 1, newChats = false, cut = false } = value
  const isShare = typeof share === 'number' && share > 0 && share <= 1
  return isShare && typeof newChats === 'boolean' && typeof cut === 'boolean' && (to === undefined || texts(to))
}

/** `until`: seconds since 1970. @param {any} value */
export function timelock(value) {
  const { until, type = '' } = isObject(value) ? value : {}
  return Number.isInteger(until) && until > 0 && typeof type === 'string'
}

/** @param {any} value */
export function cap(value) {
  const { total, used } = isObject(value) ? value : {}
  return [total, used].every(count => Number.isInteger(count) && count >= 0)
}

/** @param {unknown} value @returns {value is Record<string, any>} */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
