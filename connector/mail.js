// @ts-check
/**
 * Messages on their way from Baileys to the inbox: recorded before WhatsApp hears that they came.
 *
 * Baileys 7.0.0-rc14 decrypts a message, saves the keys that this has moved on, sends the receipt on which WhatsApp forgets
 * the message, and only then emits `messages.upsert`. A message is therefore taken where it is decrypted, and goes to
 * the disk in the transaction that saves the keys: without the keys' progress it could be had once more, and without the
 * message the keys could not open it a second time. How that fits into Baileys: docs/decisions/0007-messages-exactly-once.md.
 */

import { decodeMessageNode, DEFAULT_CONNECTION_CONFIG, getBinaryNodeChildren, proto, unpadRandomMax16 } from 'baileys'
import { keepInOrder } from './arrivals.js'
import { createDeadlines } from './deadlines.js'
import { askOnce } from './lookups.js'
import { readMessage } from './message.js'

/** The kind under which a message travels among the keys of a transaction. No kind of Baileys' has this name. */
const KIND = 'motte-message'

/** An empty message, padded as all are: what a copy of a recorded one is taken for, so that WhatsApp gets its receipt. */
const NOTHING = Buffer.from([1])

/** @typedef {import('baileys').BinaryNode} Stanza */
/** @typedef {import('./events.js').Message} Message */
/** @typedef {import('baileys').SignalKeyStore} KeyStore */
/** @typedef {import('baileys').SignalKeyStoreWithTransaction} Transactional */
/** @typedef {NonNullable<import('baileys').UserFacingSocketConfig['makeSignalRepository']>} MakeRepository */

/**
 * The mail of one socket.
 * @param {Pick<import('./credentials.js').Credentials, 'state'>} credentials
 * @param {import('./inbox.js').Inbox} inbox
 * @param {{giveUp?: (error: unknown) => Promise<never>} & Parameters<typeof keepInOrder>[2]} [options] giveUp: a message
 *   cannot be written; never settles
 */
export function openMail({ state: { creds, keys } }, inbox, { giveUp = endProcess, ...arriving } = {}) {
  const deadlines = createDeadlines()
  /** The stanza that each ciphertext came in. @type {WeakMap<object, Stanza>} */
  const stanzas = new WeakMap()

  /**
   * @param {Uint8Array} ciphertext
   * @param {Uint8Array} [plaintext] without it, the message is only named
   */
  const read = (ciphertext, plaintext) => {
    const stanza = stanzas.get(ciphertext)
    if (!stanza || !creds.me) return null
    const { fullMessage } = decodeMessageNode(stanza, creds.me.id, creds.me.lid ?? '')
    return readMessage({ ...fullMessage, message: plaintext ? contentOf(plaintext) : NAMED }, creds.me.id)
  }

  /** @type {MakeRepository} */
  const makeSignalRepository = (auth, logger, findNumbers) => {
    const repository = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(auth, logger, findNumbers && askOnce(findNumbers))
    const keys = /** @type {Transactional} */ (auth.keys)
    const open = opener({ keys, read, inbox, giveUp, deadlines })
    return {
      ...repository,
      decryptMessage: sealed => open(sealed.jid, sealed.ciphertext, () => repository.decryptMessage(sealed)),
      decryptGroupMessage: sealed => open(sealed.group, sealed.msg, () => repository.decryptGroupMessage(sealed))
    }
  }
  return {
    /** For makeWASocket. */
    config: { auth: { creds, keys: withMessages(keys, inbox) }, makeSignalRepository },
    /** @param {Pick<import('baileys').WASocket, 'ws' | 'ev' | 'messageMutex'>} socket that was made with this config */
    listen(socket) {
      const { ws, ev } = socket
      const arrivals = keepInOrder(socket, deadlines, arriving)
      ws.prependListener('CB:message', (/** @type {Stanza} */ stanza) => {
        for (const { content } of getBinaryNodeChildren(stanza, 'enc')) {
          if (content instanceof Uint8Array) stanzas.set(content, stanza)
        }
      })
      // What came without a ciphertext: no transaction of keys carries it.
      ev.on('messages.upsert', ({ messages }) => {
        const found = messages.map(message => readMessage(message, creds.me?.id ?? ''))
        const missing = found.filter(message => message !== null).filter(message => !inbox.has(message))
        if (missing.length > 0) inbox.record(missing)
      })
      return arrivals
    }
  }
}

/** Content that stands for any, where only the name of a message matters. */
const NAMED = { conversation: '?' }

/**
 * Decrypts inside a transaction of Baileys' key store that ends with the message: what belongs together is committed
 * together. Baileys' own transaction for a decryption joins the one that it finds.
 * @param {object} parts
 * @param {Transactional} parts.keys
 * @param {(ciphertext: Uint8Array, plaintext?: Uint8Array) => Message | null} parts.read
 * @param {import('./inbox.js').Inbox} parts.inbox
 * @param {(error: unknown) => Promise<never>} parts.giveUp
 * @param {import('./deadlines.js').Deadlines} parts.deadlines
 */
function opener({ keys, read, inbox, giveUp, deadlines }) {
  /**
   * @param {string} key as Baileys names its own transaction
   * @param {Uint8Array} ciphertext
   * @param {() => Promise<Uint8Array>} decrypt
   */
  return async (key, ciphertext, decrypt) => {
    let isOpen = false
    try {
      const plaintext = await keys.transaction(async () => {
        const plaintext = await decrypt()
        if (deadlines.isOver()) throw new Error('skipped') // nothing is saved; to its handler the socket is closed
        isOpen = true
        const message = read(ciphertext, plaintext)
        if (message) await keys.set(/** @type {any} */ ({ [KIND]: { [message.id]: message } }))
        return plaintext
      }, key)
      deadlines.take()
      return plaintext
    } catch (error) {
      if (isOpen) return giveUp(error)
      const named = read(ciphertext)
      if (named && inbox.has(named)) return NOTHING
      throw error
    }
  }
}

/**
 * A key store for Baileys that hands the messages among the keys to the inbox.
 * @param {KeyStore} keys
 * @param {import('./inbox.js').Inbox} inbox
 * @returns {KeyStore}
 */
function withMessages(keys, inbox) {
  return {
    get: (kind, ids) => keys.get(kind, ids),
    set(changes) {
      const { [KIND]: messages = {}, ...others } = /** @type {Record<string, any>} */ (changes)
      inbox.record(Object.values(messages), () => void keys.set(others))
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

/**
 * What was decrypted could not be written. Baileys would go on to tell WhatsApp that this device cannot read the message,
 * and lose it; a process that ends here gets it once more.
 * @param {unknown} error
 * @returns {Promise<never>} never settled
 */
function endProcess(error) {
  return new Promise(() => {
    process.nextTick(() => {
      throw error
    })
  })
}
