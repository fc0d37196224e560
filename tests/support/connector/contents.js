// @ts-check
/** Messages as they come from WhatsApp, and what Motte makes of them. */

import '../../../connector/process/silence_libraries.js'
import { proto } from '../../../connector/node_modules/baileys/lib/index.js'
import { messageReceived } from '../../../connector/ipc/events.js'
import { aliasesInKey, openPeople, resolve } from '../../../connector/messages/addresses.js'
import { NO_CONTENT } from '../../../connector/messages/content/bounded.js'
import { normalizeMessage } from '../../../connector/messages/normalize.js'

export const OURS = '15551234567@s.whatsapp.net'
export const OUR_LID = '123123123123123@lid'
export const ME = { id: '15551234567:3@s.whatsapp.net', lid: '123123123123123:3@lid' }
export const BO = '4915112345678@s.whatsapp.net'
export const BO_LID = '909913313250243@lid'
export const EVE = '4915187654321@s.whatsapp.net'
export const GROUP = '120363041234567890@g.us'

/** A store of keys that knows the LID of Bo. @type {any} */
export const KEYS = {
  get: (/** @type {string} */ _kind, /** @type {string[]} */ ids) =>
    Object.fromEntries(
      ids.flatMap(id => {
        if (id === '4915112345678') return [[id, '909913313250243']]
        return id === '909913313250243_reverse' ? [[id, '4915112345678']] : []
      })
    )
}

/** Secrets of no message. */
export const NO_SECRETS = { find: () => [] }

/**
 * A content after it was sent: encoded and decoded again.
 * @param {object} content
 * @returns {any}
 */
export const sent = content => proto.Message.decode(proto.Message.encode(proto.Message.fromObject(content)).finish())

/**
 * What is made of a content of Bo: the message and its secret; null for talk between devices.
 * @param {object | null} content
 * @param {{key?: object, keys?: any, secrets?: any, isOurView?: boolean} & Record<string, unknown>} [more]
 */
export function normalizedCopy(content, { key = {}, keys = KEYS, secrets = NO_SECRETS, isOurView, ...more } = {}) {
  /** @type {any} */
  const received = {
    key: { remoteJid: BO, id: 'ID', ...key },
    messageTimestamp: 1779710460,
    pushName: 'Bo',
    message: content && sent(content),
    ...more
  }
  const addresses = resolve(aliasesInKey(received.key, ME), keys)
  const account = { people: openPeople(ME, keys), secrets, ...(isOurView !== undefined && { isOurView }) }
  return normalizeMessage(received, addresses, account) ?? { message: null }
}

/**
 * The message as it goes to the front; null for talk between devices.
 * @param {Parameters<typeof normalizedCopy>} given
 * @returns {any}
 */
export function read(...given) {
  const { message } = normalizedCopy(...given)
  if (!message) return null
  const { event, ...said } = messageReceived(message)
  return { ...NO_CONTENT, ...said }
}

/** The kind, the text, and what else there is. @param {any} message */
export function seen(message) {
  const { id, chat, chatLid, sender, senderLid, fromMe, pushName, sentAt, ...content } = message
  const said = Object.entries(content).filter(([, value]) => value !== null && !(Array.isArray(value) && !value.length))
  return Object.fromEntries(said)
}
