// @ts-check
/** Where a message is decrypted: what it says is recorded with the keys that opened it, and what cannot be opened is noted. */

import { MISSING_KEYS_ERROR_TEXT, proto, unpadRandomMax16 } from 'baileys'
import { pairsIn } from './history.js'
import { asUndecryptable } from './normalize.js'

/** The kind under which a message travels among the keys of a transaction. No kind of Baileys' has this name. */
export const KIND = 'motte-message'

/** An empty message, padded as all are: what a copy of a recorded one is taken for, so that WhatsApp gets its receipt. */
const NOTHING = Buffer.from([1])

/** Content that stands for any, where only the name of a message matters. */
export const NAMED = { conversation: '?' }

/** @typedef {import('baileys').BinaryNode} Stanza */
/** @typedef {import('../ipc/events.js').Message} Message */
/** @typedef {import('./dedup.js').Arrival} Arrival */
/** @typedef {import('./sender_keys.js').Repository} Repository */
/** @typedef {import('baileys').SignalKeyStoreWithTransaction} Transactional */

/** @param {Arrival} named @returns {Arrival & {message: Message}} */
export const undecryptable = named => ({ ...named, message: asUndecryptable(/** @type {Message} */ (named.message)) })

/**
 * Decrypts inside a transaction of Baileys' key store that ends with the message: what belongs together is committed
 * together. Baileys' own transaction for a decryption joins the one that it finds.
 * @param {object} parts
 * @param {Transactional} parts.keys
 * @param {(ciphertext: Uint8Array, content: proto.IMessage | null) => (Arrival & {author: string, stanza: Stanza, isOwn: boolean}) | null} parts.read
 * @param {import('./dedup.js').Inbox} parts.inbox
 * @param {(error: unknown) => Promise<never>} parts.giveUp
 * @param {import('./deadlines.js').Deadlines} parts.deadlines
 * @param {Repository} parts.repository
 */
export function opener({ keys, read, inbox, giveUp, deadlines, repository }) {
  /** Stanzas of which it is noted that they cannot be read: each is one copy, of several ciphertexts perhaps. @type {WeakSet<Stanza>} */
  const missed = new WeakSet()

  /** @param {Uint8Array} ciphertext @param {{isLast?: boolean}} [options] */
  const miss = (ciphertext, options) => {
    const named = read(ciphertext, NAMED)
    if (!named?.message || missed.has(named.stanza) || inbox.has(named)) return
    missed.add(named.stanza)
    inbox.miss(undecryptable(named), options)
  }

  /**
   * What was opened goes to the disk with the keys that opened it.
   * @param {Uint8Array} ciphertext
   * @param {proto.IMessage} content
   * @returns {Promise<boolean>} whether the stanza holds more, so that the message itself is still to come
   */
  const keep = async (ciphertext, content) => {
    const found = read(ciphertext, content)
    if (!found) return false
    const { author, id, names, message, isOwn } = found
    const item = content.senderKeyDistributionMessage
    if (item) await repository.processSenderKeyDistributionMessage({ authorJid: author, item }).catch(() => {}) // Baileys tries again
    const history = content.protocolMessage?.historySyncNotification
    const pairs = history && isOwn ? await pairsIn(history) : undefined
    const isPart = !message && Boolean(item)
    const arrival = message ? { id, names, message } : { id, names, message, ciphertext, isPart, pairs }
    await keys.set(/** @type {any} */ ({ [KIND]: { [id]: arrival } }))
    return isPart
  }

  /**
   * @param {string} key as Baileys names its own transaction
   * @param {Uint8Array} ciphertext
   * @param {() => Promise<Uint8Array>} decrypt
   */
  return async (key, ciphertext, decrypt) => {
    let isOpen = false
    let isPart = false
    try {
      const plaintext = await keys.transaction(async () => {
        const plaintext = await decrypt()
        if (deadlines.isOver()) throw new Error('skipped') // nothing is saved; to its handler the socket is closed
        isOpen = true
        const content = contentOf(plaintext)
        if (content) isPart = await keep(ciphertext, content)
        else miss(ciphertext)
        return plaintext
      }, key)
      if (!isPart) deadlines.take()
      return plaintext
    } catch (error) {
      if (isOpen) return giveUp(error)
      if (deadlines.isOver()) throw error // it comes again
      const named = read(ciphertext, NAMED)
      if ((named && inbox.has(named)) || inbox.hasOpened(ciphertext)) return NOTHING
      miss(ciphertext, { isLast: /** @type {Error} */ (error)?.message === MISSING_KEYS_ERROR_TEXT })
      throw error
    }
  }
}

/** Null where it is no message at all: Baileys finds that too, and asks the sender once more. @param {Uint8Array} plaintext */
function contentOf(plaintext) {
  try {
    const message = proto.Message.decode(unpadRandomMax16(plaintext))
    return message.deviceSentMessage?.message ?? message
  } catch {
    return null
  }
}
