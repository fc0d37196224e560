// @ts-check
/** Decryption of messages: a message is stored together with the keys that opened it; a copy that cannot be opened is counted. */

import { MISSING_KEYS_ERROR_TEXT, proto, unpadRandomMax16 } from 'baileys'
import { pairsIn } from './history.js'
import { MESSAGE_KEY_KIND } from './key_store.js'
import { asUndecryptable } from './normalize.js'

/** Padded empty message. It stands for a message that is stored already, so that WhatsApp gets its receipt and Baileys has no work with it. */
export const STORED = Buffer.from([1])

/** Stands for any content if only the addresses and the id of a message matter. */
export const ANY_CONTENT = { conversation: '?' }

/** @typedef {import('baileys').BinaryNode} Stanza */
/** @typedef {import('../ipc/events.js').Message} Message */
/** @typedef {import('./dedup.js').MessageCopy} MessageCopy */
/** @typedef {import('./sender_keys.js').Repository} Repository */
/** @typedef {import('baileys').SignalKeyStoreWithTransaction} Transactional */

/** @param {MessageCopy} copy @returns {MessageCopy & {message: Message}} */
export const undecryptable = copy => ({ ...copy, message: asUndecryptable(/** @type {Message} */ (copy.message)) })

/**
 * Makes a function that decrypts inside a transaction of Baileys' key store, so that keys and message are committed together.
 * Baileys' own transaction for a decryption joins this one.
 * @param {object} parts
 * @param {Transactional} parts.keys
 * @param {(ciphertext: Uint8Array, content: proto.IMessage | null) => (MessageCopy & {author: string, stanza: Stanza, isOwn: boolean}) | null} parts.read
 * @param {import('./dedup.js').Dedup} parts.dedup
 * @param {(error: unknown) => Promise<never>} parts.failWrite
 * @param {import('./deadlines.js').Deadlines} parts.deadlines
 * @param {Repository} parts.repository
 */
export function createDecrypt({ keys, read, dedup, failWrite, deadlines, repository }) {
  /** Stanzas that were counted as unreadable: each is one copy, perhaps of several ciphertexts. @type {WeakSet<Stanza>} */
  const counted = new WeakSet()

  /** @param {Uint8Array} ciphertext @param {{isLast?: boolean}} [options] */
  const countUnreadable = (ciphertext, options) => {
    const copy = read(ciphertext, ANY_CONTENT)
    if (!copy?.message || counted.has(copy.stanza) || dedup.has(copy)) return
    counted.add(copy.stanza)
    dedup.addUnreadable(undecryptable(copy), options)
  }

  /**
   * Adds the decrypted message to the keys of the transaction.
   * @param {Uint8Array} ciphertext
   * @param {proto.IMessage} content
   * @returns {Promise<{isPart: boolean, isDone: boolean}>} isPart: the stanza holds more, so that the message itself follows. isDone: nothing
   *   in it is for Baileys
   */
  const storeWithKeys = async (ciphertext, content) => {
    const found = read(ciphertext, content)
    if (!found) return { isPart: false, isDone: false }
    const { author, id, aliases, message, secret, isOwn } = found
    const item = content.senderKeyDistributionMessage
    if (item) await repository.processSenderKeyDistributionMessage({ authorJid: author, item }).catch(() => {}) // Baileys tries again
    const history = content.protocolMessage?.historySyncNotification
    const pairs = history && isOwn ? await pairsIn(history) : undefined
    const isPart = !message && Boolean(item)
    const copy = message ? { id, aliases, message, secret } : { id, aliases, message, ciphertext, isPart, pairs }
    // Not the id itself: Baileys copies the keys into a plain object, in which `__proto__` is no key.
    await keys.set(/** @type {any} */ ({ [MESSAGE_KEY_KIND]: { [`id ${id}`]: copy } }))
    return { isPart, isDone: Boolean(message) && !item && !content.protocolMessage }
  }

  /**
   * @param {string} key as Baileys names its own transaction
   * @param {Uint8Array} ciphertext
   * @param {() => Promise<Uint8Array>} decrypt
   */
  return async (key, ciphertext, decrypt) => {
    let isOpen = false
    let stored = { isPart: false, isDone: false }
    try {
      const plaintext = await keys.transaction(async () => {
        const plaintext = await decrypt()
        if (deadlines.isOver()) throw new Error('skipped') // nothing is saved; the socket looks closed to the handler
        isOpen = true
        const content = contentOf(plaintext)
        if (content) stored = await storeWithKeys(ciphertext, content)
        else countUnreadable(ciphertext)
        return plaintext
      }, key)
      if (!stored.isPart) deadlines.markStored()
      return stored.isDone ? STORED : plaintext
    } catch (error) {
      if (isOpen) return failWrite(error)
      if (deadlines.isOver()) throw error // WhatsApp delivers it again
      const copy = read(ciphertext, ANY_CONTENT)
      if ((copy && dedup.has(copy)) || dedup.hasDecrypted(ciphertext)) return STORED
      countUnreadable(ciphertext, { isLast: /** @type {Error} */ (error)?.message === MISSING_KEYS_ERROR_TEXT })
      throw error
    }
  }
}

/** Null if it is not a message. Baileys finds that too, and asks the sender for another copy. @param {Uint8Array} plaintext */
export function contentOf(plaintext) {
  try {
    const { deviceSentMessage: copy, ...message } = proto.Message.decode(unpadRandomMax16(plaintext))
    const { messageContextInfo } = message // of a copy of the own phone's message, it may stand outside
    return copy?.message ? { messageContextInfo, ...copy.message } : message
  } catch {
    return null
  }
}
