// @ts-check
/**
 * Inbound messages on their way from Baileys to the front: each is stored before WhatsApp gets its receipt.
 *
 * Baileys 7.0.0-rc14 decrypts a message and saves the keys, which the decryption has changed. Then it sends the receipt, after
 * which WhatsApp forgets the message. Only then does it emit `messages.upsert`. So a message is stored where it is
 * decrypted, in the transaction that saves the keys. If only the message were saved, it could be received a second time. If only
 * the keys were saved, they could not open it a second time. docs/decisions/0007-messages-exactly-once.md has the details.
 */

import {
  decodeMessageNode,
  DEFAULT_CONNECTION_CONFIG,
  getBinaryNodeChildren,
  NO_MESSAGE_FOUND_ERROR_TEXT,
  proto
} from 'baileys'
import './key_derivation.js'
import './session_records.js'
import './session_trials.js'
import { aliasesInKey, aliasesInStanza, openPeople, resolve } from './addresses.js'
import { listenForCalls } from './calls.js'
import { createDeadlines } from './deadlines.js'
import { ANY_CONTENT, createDecrypt, undecryptable } from './decryption.js'
import { withMessages } from './key_store.js'
import { limitLookups } from './lid_lookups.js'
import { asUndecryptable, normalizeMessage } from './normalize.js'
import { openMessageQueue } from './order.js'
import { saveEachKeyOnce } from './sender_keys.js'
import { openShortcut } from './shortcut.js'
import { MAX_RETRY_REQUESTS } from './undecryptable.js'
import { withheldKind } from './withheld.js'

/** @typedef {import('baileys').BinaryNode} Stanza */
/** @typedef {import('./dedup.js').MessageCopy} MessageCopy */
/** @typedef {import('./dedup.js').Dedup} Dedup */
/** @typedef {import('baileys').WAMessage} WhatsAppMessage */
/** @typedef {import('baileys').SignalKeyStoreWithTransaction} Transactional */
/** @typedef {NonNullable<import('baileys').UserFacingSocketConfig['makeSignalRepository']>} MakeRepository */

/**
 * Inbound messages of one socket.
 * @param {Pick<import('../storage/credentials.js').Credentials, 'state'>} credentials
 * @param {Dedup} dedup
 * @param {{failWrite?: (error: unknown) => Promise<never>, seal?: (repository: import('./sender_keys.js').Repository) => import('./sender_keys.js').Repository} & Parameters<typeof openMessageQueue>[2]} [options] failWrite: called if a
 *   message cannot be written; never settles. seal: wraps the repository for what is sent
 */
export function openInbound({ state: { creds, keys } }, dedup, options = {}) {
  const { failWrite = endProcess, seal = repository => repository, ...queueOptions } = options
  const deadlines = createDeadlines()
  /** The stanza of each ciphertext. @type {WeakMap<object, Stanza>} */
  const stanzas = new WeakMap()
  const shortcut = openShortcut(stanzas, () => creds.me)
  /** Ciphertexts that Baileys has tried to decrypt. @type {WeakSet<object>} */
  const tried = new WeakSet()

  /**
   * @param {Pick<WhatsAppMessage, 'key' | 'message' | 'messageTimestamp' | 'pushName' | 'category'>} received
   * @param {ReturnType<typeof aliasesInStanza>} aliases
   * @param {{me: import('./addresses.js').Me, isOurView?: boolean}} view
   * @returns {MessageCopy}
   */
  function copyOf(received, aliases, { me, isOurView = false }) {
    const addresses = resolve(aliases, keys)
    const account = { people: openPeople(me, keys), secrets: dedup.secrets, isOurView }
    const { message = null, secret = null } = normalizeMessage(received, addresses, account) ?? {}
    return { id: message?.id ?? received.key.id ?? '', aliases: addresses.aliases, message, secret }
  }

  /** @param {Stanza} stanza @param {proto.IMessage | null} content of the message, or ANY_CONTENT */
  function readStanza(stanza, content) {
    const decoded = creds.me && decode(stanza, creds.me)
    if (!creds.me || !decoded) return null
    const { fullMessage, author } = decoded
    const aliases = aliasesInStanza(stanza.attrs, creds.me)
    const copy = copyOf({ ...fullMessage, message: content }, aliases, { me: creds.me })
    return { author, stanza, isOwn: Boolean(fullMessage.key.fromMe), ...copy }
  }

  /** @param {Uint8Array} ciphertext @param {proto.IMessage | null} content of the message, or ANY_CONTENT */
  function readCiphertext(ciphertext, content) {
    const stanza = stanzas.get(ciphertext)
    return stanza ? readStanza(stanza, content) : null
  }

  /** @type {MakeRepository} */
  function makeSignalRepository(auth, logger, findNumbers) {
    const original = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(
      auth,
      logger,
      findNumbers && limitLookups(findNumbers)
    )
    const repository = seal(saveEachKeyOnce(original))
    const transactional = /** @type {Transactional} */ (auth.keys)
    const decrypt = createDecrypt({
      keys: transactional,
      read: readCiphertext,
      dedup,
      failWrite,
      deadlines,
      repository
    })
    const openers = shortcut.openers(repository, (key, ciphertext, open) => {
      tried.add(ciphertext)
      return decrypt(key, ciphertext, open)
    })
    return { ...repository, ...openers }
  }

  /** Stores a message whose content WhatsApp withholds from linked devices. @param {Stanza} stanza */
  function storeWithheld(stanza) {
    const kind = withheldKind(stanza)
    const copy = kind && readStanza(stanza, ANY_CONTENT)
    if (!kind || !copy?.message || dedup.has(copy)) return
    // Clients report that the content may still come, in a stanza of its own (Baileys #2435).
    dedup.addUnreadable({ ...copy, message: asUndecryptable(copy.message, kind) }, { isLast: true })
  }

  /**
   * Counts a message that Baileys refused before it tried to decrypt it: WhatsApp forgets that message.
   * @param {Stanza} stanza that Baileys has handled
   * @param {Pick<import('baileys').WASocket['ws'], 'isOpen'>} ws
   */
  function countRefused(stanza, { isOpen }) {
    const ciphertexts = getBinaryNodeChildren(stanza, 'enc').flatMap(ciphertextOf)
    if (!isOpen || ciphertexts.length === 0 || ciphertexts.some(ciphertext => tried.has(ciphertext))) return
    const copy = readStanza(stanza, ANY_CONTENT)
    if (copy?.message && !dedup.has(copy)) dedup.addUnreadable(undecryptable(copy), { isLast: true })
  }

  /** Stores messages that came without a ciphertext: no transaction of keys stores them. @param {WhatsAppMessage[]} emitted */
  function storeEmitted(emitted) {
    const { me } = creds
    const messages = emitted.filter(message => !isStored(message))
    if (!me || messages.length === 0) return
    const view = { me, isOurView: true }
    const copies = messages.map(message => copyOf(message, aliasesInKey(message.key, me), view))
    const unstored = copies.filter(copy => copy.message && !dedup.has(copy))
    if (unstored.length > 0) dedup.store(unstored)
    for (const { key, ...message } of messages.filter(isAbsent)) {
      const copy = copyOf({ ...message, key, message: ANY_CONTENT }, aliasesInKey(key, me), view)
      if (copy.message && !dedup.has(copy)) dedup.addUnreadable(undecryptable(copy))
    }
  }

  return {
    /** For makeWASocket. */
    config: {
      auth: { creds, keys: withMessages(keys, dedup, shortcut.forget) },
      makeSignalRepository,
      maxMsgRetryCount: MAX_RETRY_REQUESTS
    },
    /** @param {Pick<import('baileys').WASocket, 'ws' | 'ev' | 'sendReceipt' | 'messageMutex' | 'notificationMutex' | 'receiptMutex'>} socket that was made with this config */
    listen(socket) {
      const { ws, ev } = socket
      const queue = openMessageQueue(socket, deadlines, {
        isFull: () => dedup.bound.isFull(),
        ...queueOptions,
        through: handle => shortcut.through(handle, socket),
        onTurn: storeWithheld,
        onDone: stanza => countRefused(stanza, ws)
      })
      listenForCalls(ws, { state: { creds, keys } }, dedup)
      ws.prependListener('CB:message', (/** @type {Stanza} */ stanza) => {
        for (const { content } of getBinaryNodeChildren(stanza, 'enc')) {
          if (content instanceof Uint8Array) stanzas.set(content, stanza)
        }
      })
      ev.on('messages.upsert', ({ messages }) => storeEmitted(messages))
      return queue
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

/** The ciphertext of an `enc`, if Baileys tries to decrypt it. @param {Stanza} enc @returns {Uint8Array[]} */
const ciphertextOf = ({ attrs, content }) =>
  content instanceof Uint8Array && ['pkmsg', 'msg', 'skmsg'].includes(attrs.type ?? '') ? [content] : []

/** Whether Baileys got an empty message in the place of one that is stored. @param {WhatsAppMessage} message */
const isStored = ({ message }) => (message ? Object.keys(message).length === 0 : false)

/** Whether WhatsApp withholds the content from this device. Baileys asks the phone for it. @param {WhatsAppMessage} message */
const isAbsent = ({ messageStubType, messageStubParameters }) =>
  messageStubType === proto.WebMessageInfo.StubType.CIPHERTEXT &&
  messageStubParameters?.[0] === NO_MESSAGE_FOUND_ERROR_TEXT

/**
 * Ends the process because a decrypted message could not be written. Baileys would report to WhatsApp that this device cannot
 * read the message, and lose it. The next process receives it again.
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
