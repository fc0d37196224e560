// @ts-check
/** Text of a QR code, as a phone reads it from a screen. */

import { Refusal } from '../server/refusal.js'

/** Since May 2026 the fields follow a URL; before, they stood alone, without the platform. */
const URL_HEAD = 'https://wa.me/settings/linked_devices#'
const KEY_LENGTH = 32

/**
 * @typedef {object} Qr
 * @property {string} ref
 * @property {Buffer} noiseKey
 * @property {Buffer} identityKey
 * @property {Buffer} advSecret proves that the phone has seen the screen
 */

/**
 * @param {string} text
 * @returns {Qr}
 */
export function readQr(text) {
  const fields = (text.startsWith(URL_HEAD) ? text.slice(URL_HEAD.length) : text).split(',')
  const [ref = '', ...keys] = fields
  const [noiseKey, identityKey, advSecret] = keys.slice(0, 3).map(key => Buffer.from(key, 'base64'))
  const isWhole = [noiseKey, identityKey, advSecret].every(key => key?.length === KEY_LENGTH)
  if (!isWhole || !noiseKey || !identityKey || !advSecret)
    throw new Refusal(400, 'not-a-code', 'this text is no code of WhatsApp Web')
  return { ref, noiseKey, identityKey, advSecret }
}
