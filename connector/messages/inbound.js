// @ts-check
/**
 * Messages on their way from Baileys to the inbox: recorded before WhatsApp hears that they came.
 *
 * Baileys 7.0.0-rc14 decrypts a message, saves the keys that this has moved on, sends the receipt on which WhatsApp forgets
 * the message, and only then emits `messages.upsert`. A message is therefore taken where it is decrypted, and goes to
 * the disk in the transaction that saves the keys: without the keys' progress it could be had once more, and without the
 * message the keys could not open it a second time. How that fits into Baileys: docs/decisions/0007-messages-exactly-once.md.
 */

import {
  decodeMessageNode,
  DEFAULT_CONNECTION_CONFIG,
  getBinaryNodeChildren,
  NO_MESSAGE_FOUND_ERROR_TEXT,
  proto
} from 'baileys'
import { namesIn, namesOf, resolve } from './addresses.js'
import { keepInOrder } from './order.js'
import { createDeadlines } from './deadlines.js'
import { askOnce } from './lid_lookups.js'
import { readMessage } from './normalize.js'
import { KIND, NAMED, opener, undecryptable } from './decryption.js'
import { keepSenderKeys } from './sender_keys.js'
import { RETRIES } from './undecryptable.js'
import { withheldKind } from './withheld.js'

/** @typedef {import('baileys').BinaryNode} Stanza */
/** @typedef {import('../ipc/events.js').Message} Message */
/** @typedef {import('./dedup.js').Arrival} Arrival */
/** @typedef {import('baileys').WAMessage} WhatsAppMessage */
/** @typedef {import('baileys').SignalKeyStore} KeyStore */
/** @typedef {import('baileys').SignalKeyStoreWithTransaction} Transactional */
/** @typedef {NonNullable<import('baileys').UserFacingSocketConfig['makeSignalRepository']>} MakeRepository */
/** @typedef {ReturnType<MakeRepository>} Repository */

/**
 * The mail of one socket.
 * @param {Pick<import('../storage/credentials.js').Credentials, 'state'>} credentials
 * @param {import('./dedup.js').Inbox} inbox
 * @param {{giveUp?: (error: unknown) => Promise<never>} & Parameters<typeof keepInOrder>[2]} [options] giveUp: a message
 *   cannot be written; never settles
 */
export function openMail({ state: { creds, keys } }, inbox, { giveUp = endProcess, ...arriving } = {}) {
  const deadlines = createDeadlines()
  /** The stanza that each ciphertext came in. @type {WeakMap<object, Stanza>} */
  const stanzas = new WeakMap()
  /** Ciphertexts that Baileys has tried to open. @type {WeakSet<object>} */
  const tried = new WeakSet()

  /**
   * @param {Pick<WhatsAppMessage, 'key' | 'message' | 'messageTimestamp' | 'pushName' | 'category'>} received
   * @param {ReturnType<typeof namesIn>} names
   * @returns {Arrival}
   */
  const arrivalOf = (received, names) => {
    const addresses = resolve(names, keys)
    const message = readMessage(received, addresses)
    return { id: message?.id ?? received.key.id ?? '', names: addresses.names, message }
  }

  /**
   * @param {Uint8Array} ciphertext
   * @param {import('baileys').proto.IMessage | null} content what was in it, or what stands for any content
   */
  const read = (ciphertext, content) => {
    const stanza = stanzas.get(ciphertext)
    return stanza ? readStanza(stanza, content) : null
  }

  /** @param {Stanza} stanza @param {import('baileys').proto.IMessage | null} content as in `read` */
  const readStanza = (stanza, content) => {
    if (!creds.me) return null
    const decoded = decode(stanza, creds.me)
    if (!decoded) return null
    const { fullMessage, author } = decoded
    return {
      author,
      stanza,
      isOwn: Boolean(fullMessage.key.fromMe),
      ...arrivalOf({ ...fullMessage, message: content }, namesIn(stanza.attrs, creds.me))
    }
  }

  /** @type {MakeRepository} */
  const makeSignalRepository = (auth, logger, findNumbers) => {
    const made = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(auth, logger, findNumbers && askOnce(findNumbers))
    const repository = keepSenderKeys(made)
    const open = opener({ keys: /** @type {Transactional} */ (auth.keys), read, inbox, giveUp, deadlines, repository })
    return {
      ...repository,
      decryptMessage(sealed) {
        tried.add(sealed.ciphertext)
        return open(sealed.jid, sealed.ciphertext, () => repository.decryptMessage(sealed))
      },
      decryptGroupMessage(sealed) {
        tried.add(sealed.msg)
        return open(sealed.group, sealed.msg, () => repository.decryptGroupMessage(sealed))
      }
    }
  }
  return {
    /** For makeWASocket. */
    config: { auth: { creds, keys: withMessages(keys, inbox) }, makeSignalRepository, maxMsgRetryCount: RETRIES },
    /** @param {Pick<import('baileys').WASocket, 'ws' | 'ev' | 'messageMutex' | 'notificationMutex' | 'receiptMutex'>} socket that was made with this config */
    listen(socket) {
      const { ws, ev } = socket
      const arrivals = keepInOrder(socket, deadlines, {
        ...arriving,
        onTurn: stanza => {
          const kind = withheldKind(stanza)
          const named = kind && readStanza(stanza, NAMED)
          if (!kind || !named?.message || inbox.has(named)) return
          if (kind === 'undecryptable') inbox.miss(undecryptable(named), { isLast: true })
          else inbox.record([{ ...named, message: { ...named.message, kind, text: null } }])
        },
        // Where Baileys fails before it comes to decrypt, it refuses the message, and WhatsApp forgets it.
        onDone: stanza => {
          const sealed = getBinaryNodeChildren(stanza, 'enc').flatMap(ciphertextOf)
          const isRefused = sealed.length > 0 && ws.isOpen && !sealed.some(ciphertext => tried.has(ciphertext))
          const named = isRefused ? readStanza(stanza, NAMED) : null
          if (named?.message && !inbox.has(named)) inbox.miss(undecryptable(named), { isLast: true })
        }
      })
      ws.prependListener('CB:message', (/** @type {Stanza} */ stanza) => {
        for (const { content } of getBinaryNodeChildren(stanza, 'enc')) {
          if (content instanceof Uint8Array) stanzas.set(content, stanza)
        }
      })
      // What came without a ciphertext: no transaction of keys carries it.
      ev.on('messages.upsert', ({ messages }) => {
        if (!creds.me) return
        const me = creds.me
        const missing = messages.map(message => arrivalOf(message, namesOf(message.key, me)))
        const found = missing.filter(arrival => arrival.message && !inbox.has(arrival))
        if (found.length > 0) inbox.record(found)
        for (const { key, ...message } of messages.filter(isAbsent)) {
          const named = arrivalOf({ ...message, key, message: NAMED }, namesOf(key, me))
          if (named.message && !inbox.has(named)) inbox.miss(undecryptable(named))
        }
      })
      return arrivals
    }
  }
}

/** Null for a stanza of a kind that Baileys refuses. @param {Stanza} stanza @param {{id: string, lid?: string}} me */
function decode(stanza, { id, lid = '' }) {
  try {
    return decodeMessageNode(stanza, id, lid)
  } catch {
    return null
  }
}

/** What Baileys tries to open of it. @param {Stanza} enc @returns {Uint8Array[]} */
const ciphertextOf = ({ attrs, content }) =>
  content instanceof Uint8Array && ['pkmsg', 'msg', 'skmsg'].includes(attrs.type ?? '') ? [content] : []

/** WhatsApp keeps its content from this device; Baileys asks the phone for it. @param {WhatsAppMessage} message */
const isAbsent = ({ messageStubType, messageStubParameters }) =>
  messageStubType === proto.WebMessageInfo.StubType.CIPHERTEXT &&
  messageStubParameters?.[0] === NO_MESSAGE_FOUND_ERROR_TEXT

/**
 * A key store for Baileys that hands the messages among the keys to the inbox.
 * @param {KeyStore} keys
 * @param {import('./dedup.js').Inbox} inbox
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
