// @ts-check
/** What a phone reads off a screen: the text of a code, taken apart. */

import { Refusal } from '../server/refusal.js'

/** Since May 2026 the fields follow a URL; before, they stood alone, without the platform. */
const URL_HEAD = 'https://wa.me/settings/linked_devices#'
const KEY_LENGTH = 32

/**
 * @typedef {object} Qr
 * @property {string} ref
 * @property {Buffer} noiseKey
 * @property {Buffer} identityKey
 * @property {Buffer} advSecret what the phone proves with that it has seen the screen
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
  if (!isWhole || !noiseKey || !identityKey || !advSecret) throw notACode()
  return { ref, noiseKey, identityKey, advSecret }
}

function notACode() {
  return new Refusal(400, 'not-a-code', 'this text is no code of WhatsApp Web')
}
