// @ts-check
/** What a link to WhatsApp is opened with. The front decides it and says it by pipe, since it may change while this process runs. */

/** Longest device name in UTF-16 units. */
const DEVICE_NAME_LENGTH = 100

/** Longest address of a proxy in UTF-16 units. */
const PROXY_LENGTH = 2_000

/**
 * @typedef {object} LinkOptions
 * @property {string | null} version of WhatsApp Web, as in `2.3000.1043857760`; null: the one that Baileys brings
 * @property {string} deviceName what the phone lists under Linked devices
 * @property {string | null} proxy URL of the proxy that carries the link, a secret if it holds a password; null: none
 */

/** @param {any} value @returns {value is LinkOptions} */
export const isLinkOptions = value =>
  typeof value === 'object' &&
  value !== null &&
  (value.version === null || readVersion(value.version) !== null) &&
  isText(value.deviceName, DEVICE_NAME_LENGTH) &&
  (value.proxy === null || (isText(value.proxy, PROXY_LENGTH) && URL.canParse(value.proxy)))

/**
 * The three numbers of a version. Null if the text is not a version.
 * @param {unknown} text
 * @returns {[number, number, number] | null}
 */
export function readVersion(text) {
  const found = /^(\d{1,10})\.(\d{1,10})\.(\d{1,10})$/.exec(typeof text === 'string' ? text : '')
  return found && [Number(found[1]), Number(found[2]), Number(found[3])]
}

/** @param {unknown} value @param {number} longest */
const isText = (value, longest) => typeof value === 'string' && value.length > 0 && value.length <= longest
