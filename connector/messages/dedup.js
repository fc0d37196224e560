// @ts-check
/** Deduplication: WhatsApp may deliver a message many times, and the front gets it once. */

import { hash } from 'node:crypto'
import { callCame, contactLinked, messageReceived } from '../ipc/events.js'
import { openContactLinks } from './contact_links.js'
import { openLidMapping } from './lid_mapping.js'
import { openMessageSecrets } from './message_secrets.js'
import { keyOf, openUnreadable } from './undecryptable.js'

/** Messages that are recognized when WhatsApp delivers them again. Far fewer ever wait for the receipts of one device. */
const REMEMBERED_MESSAGES = 10_000

/** For an account whose spool has no bound. */
const NO_BOUND = { isFull: () => false, hasRoom: () => true }

const SILENT_LOG = { info() {}, warning() {} }

/** @typedef {import('../ipc/events.js').Message} Message */
/** @typedef {ReturnType<typeof openDedup>} Dedup */

/**
 * @typedef {object} MessageCopy one delivery of a message
 * @property {string} id
 * @property {import('./addresses.js').Addresses['aliases']} aliases of chat and sender; with the id they identify the message
 * @property {Message | null} message null for protocol messages, which callers do not get
 * @property {import('./message_secrets.js').Kept | null} [secret] that came with the message
 * @property {Uint8Array} [ciphertext] of a protocol message: identifies it
 * @property {boolean} [isPart] the stanza holds more, so that the message itself follows
 * @property {Pick<import('./lid_pairs.js').Pairs, 'pieces' | 'release'>} [pairs] numbers and LIDs of a history
 */

/**
 * @param {Pick<import('../storage/database.js').ConnectorDatabase, 'connection' | 'transaction' | 'soon' | 'commit'>} database
 * @param {() => Pick<import('../ipc/front_channel.js').FrontChannel, 'spool' | 'deliver'>} front
 * @param {{log?: Pick<import('../process/logger.js').Log, 'info' | 'warning'>, timeoutMs?: number, bound?: typeof NO_BOUND}} [options] timeoutMs: limit for a
 *   readable copy
 */
export function openDedup(
  { connection, transaction, soon, commit },
  front,
  { log = SILENT_LOG, timeoutMs, bound = NO_BOUND } = {}
) {
  // Rows of an older schema have no sender, and hold the address by number if WhatsApp gave it: they match any sender.
  const select = connection.prepare(
    'SELECT 1 FROM received WHERE id = :id AND chat IN (:chat, :chatAlt) AND (sender IS NULL OR sender IN (:sender, :senderAlt))'
  )
  const insert = connection.prepare('INSERT INTO received (id, chat, sender) VALUES (:id, :chat, :sender)')
  const trim = connection.prepare('DELETE FROM received WHERE number <= :last')
  const selectDecrypted = connection.prepare('SELECT 1 FROM opened WHERE digest = :digest')
  const insertDecrypted = connection.prepare('INSERT OR IGNORE INTO opened (digest) VALUES (:digest)')
  const trimDecrypted = connection.prepare('DELETE FROM opened WHERE number <= :last')
  const lidMapping = openLidMapping(connection)
  const secrets = openMessageSecrets(connection)
  const links = openContactLinks(connection)
  const unreadable = openUnreadable(connection, { ...(timeoutMs !== undefined && { timeoutMs }) })
  /** @type {NodeJS.Timeout | undefined} */
  let timer

  /** @param {MessageCopy} copy */
  const has = ({ id, aliases }) => select.get(keyOf(id, aliases)) !== undefined

  /** Remembers a message, so that its next copy is recognized. @param {MessageCopy} copy */
  function remember({ id, aliases }) {
    const { chat, sender } = keyOf(id, aliases)
    const { lastInsertRowid } = insert.run({ id, chat, sender })
    trim.run({ last: Number(lastInsertRowid) - REMEMBERED_MESSAGES })
    return { id, chat, sender }
  }

  /** @param {import('./contact_links.js').Link[]} found */
  const reportLinks = found => found.forEach(({ lid, number }) => front().spool(contactLinked(lid, number)))

  /** @param {MessageCopy} copy */
  function storeCopy(copy) {
    const { aliases, message, secret, ciphertext, isPart, pairs } = copy
    if (pairs) {
      lidMapping.write(pairs)
      reportLinks(links.learnAll())
    }
    if (ciphertext) {
      const { lastInsertRowid } = insertDecrypted.run({ digest: digestOf(ciphertext) })
      trimDecrypted.run({ last: Number(lastInsertRowid) - REMEMBERED_MESSAGES })
    }
    if (!isPart) unreadable.settle(copy)
    if (!message || has(copy)) return
    const remembered = remember(copy)
    if (secret) secrets.keep(secret.of ?? remembered, secret)
    reportLinks(links.see(aliases))
    front().spool(messageReceived(message))
  }

  /** @param {Message[]} messages */
  function reportUndecryptable(messages) {
    messages.forEach(message => front().spool(messageReceived(message)))
    const count = messages.filter(({ kind }) => kind === 'undecryptable').length
    if (count > 0) log.warning('messages_undecryptable', { count })
  }

  function reportDue() {
    transaction(() => reportUndecryptable(unreadable.due()))
    front().deliver()
    scheduleReport()
  }

  function scheduleReport() {
    clearTimeout(timer)
    const dueIn = unreadable.dueIn()
    timer = dueIn === null ? undefined : setTimeout(reportDue, dueIn).unref()
  }
  scheduleReport()
  return {
    /** Whether no more messages are to be taken now, and whether they can be taken again. */
    bound,
    /** @type {Pick<import('./message_secrets.js').MessageSecrets, 'find' | 'erase'>} */
    secrets,
    /** Whether the message of this copy is stored. @type {(copy: MessageCopy) => boolean} */
    has,
    /** Whether this protocol message was decrypted before. @param {Uint8Array} ciphertext */
    hasDecrypted: ciphertext => selectDecrypted.get({ digest: digestOf(ciphertext) }) !== undefined,
    /**
     * Stores messages that are new, in one transaction with `write`. They are on the disk at the end of this turn of the event loop at
     * the latest, and the front gets them then. No receipt leaves before that.
     * @param {MessageCopy[]} copies
     * @param {() => void} [write]
     * @param {Record<string, unknown>} [mapping] of numbers and LIDs, among what is written
     */
    store(copies, write = () => {}, mapping) {
      soon(
        () => {
          write()
          if (mapping) reportLinks(links.learn(mapping))
          copies.forEach(storeCopy)
        },
        () => front().deliver()
      )
      const histories = copies.flatMap(({ pairs }) => pairs ?? [])
      if (histories.length === 0) return
      commit() // what is not committed takes memory
      for (const pairs of histories) pairs.release()
      lidMapping.shrink()
    },
    /**
     * Stores a call that is new. Then the front gets it, unless too much waits for it already: WhatsApp delivers no call again.
     * @param {Parameters<typeof callCame>[0]} call
     * @param {import('./addresses.js').Addresses['aliases']} aliases
     */
    storeCall(call, aliases) {
      if (bound.isFull()) return log.warning('call_dropped')
      const copy = { id: `call ${call.id}`, aliases, message: null }
      transaction(() => {
        if (has(copy)) return
        remember(copy)
        reportLinks(links.see(aliases))
        front().spool(callCame(call))
      })
      front().deliver()
    },
    /**
     * Counts a copy that could not be read. Once no other copy is expected, the front gets a message without content.
     * @param {MessageCopy & {message: Message}} copy
     * @param {{isLast?: boolean}} [options] isLast: Baileys requests no other copy
     */
    addUnreadable(copy, { isLast = false } = {}) {
      if (copy.message.kind === 'undecryptable') log.info('message_unreadable', { last: isLast })
      transaction(() => {
        const message = unreadable.add(copy, isLast)
        reportUndecryptable(message ? [message] : [])
      })
      front().deliver()
      scheduleReport()
    },
    close: () => clearTimeout(timer)
  }
}

/** @param {Uint8Array} ciphertext */
const digestOf = ciphertext => hash('sha256', ciphertext, 'base64url')
