// @ts-check
/** Options of a connection to WhatsApp. The front sends them by pipe, because they may change while this process runs. */

/** UTF-16 units. */
const MAX_DEVICE_NAME_LENGTH = 100

/** UTF-16 units. */
const MAX_PROXY_URL_LENGTH = 2_000

/**
 * @typedef {object} LinkOptions
 * @property {string | null} version of WhatsApp Web, as in `2.3000.1043857760`; null: the one of Baileys
 * @property {string} deviceName what the phone lists under Linked devices
 * @property {string | null} proxy URL of the proxy, a secret if it holds a password; null: no proxy
 */

/** @param {any} value @returns {value is LinkOptions} */
export const isLinkOptions = value =>
  typeof value === 'object' &&
  value !== null &&
  (value.version === null || readVersion(value.version) !== null) &&
  isText(value.deviceName, MAX_DEVICE_NAME_LENGTH) &&
  (value.proxy === null || (isText(value.proxy, MAX_PROXY_URL_LENGTH) && URL.canParse(value.proxy)))

/**
 * The three numbers of a version. Null if the text is not a version.
 * @param {unknown} text
 * @returns {[number, number, number] | null}
 */
export function readVersion(text) {
  const found = /^(\d{1,10})\.(\d{1,10})\.(\d{1,10})$/.exec(typeof text === 'string' ? text : '')
  return found && [Number(found[1]), Number(found[2]), Number(found[3])]
}

/** @param {unknown} value @param {number} maxLength */
const isText = (value, maxLength) => typeof value === 'string' && value.length > 0 && value.length <= maxLength
