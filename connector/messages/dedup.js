// @ts-check
/** Messages that the front must learn of, each once. */

import { hash } from 'node:crypto'
import { messageReceived } from '../ipc/events.js'
import { openLidMapping } from './lid_mapping.js'
import { keyOf, openUnreadable } from './undecryptable.js'

/** Messages that are known again when WhatsApp delivers them once more: far more than ever wait for one device's receipts. */
const REMEMBERED = 10_000

/** A log that nobody reads. */
const SILENT = { info() {}, warning() {} }

/** @typedef {import('../ipc/events.js').Message} Message */
/** @typedef {ReturnType<typeof openInbox>} Inbox */

/**
 * @typedef {object} Arrival a copy of a message
 * @property {string} id
 * @property {import('./addresses.js').Addresses['names']} names chat and sender, by which it is known again together with its id
 * @property {Message | null} message null if nobody reads it
 * @property {Uint8Array} [ciphertext] of what nobody reads: it is known again by that
 * @property {boolean} [isPart] the stanza holds more, so that the message itself is still to come
 * @property {Pick<import('./pairs.js').Pairs, 'pieces' | 'release'>} [pairs] numbers and LIDs of a history
 */

/**
 * @param {Pick<import('../storage/database.js').Record, 'database' | 'transaction'>} record
 * @param {() => Pick<import('../ipc/front_channel.js').Front, 'keep' | 'deliver'>} front
 * @param {{log?: Pick<import('../process/logger.js').Log, 'info' | 'warning'>, patience?: number}} [options] patience: milliseconds that a
 *   readable copy may take
 */
export function openInbox({ database, transaction }, front, { log = SILENT, patience } = {}) {
  // Rows of an older schema have no sender, and hold the address by number where WhatsApp gave it: they count for any sender.
  const select = database.prepare(
    'SELECT 1 FROM received WHERE id = :id AND chat IN (:chat, :chatAlt) AND (sender IS NULL OR sender IN (:sender, :senderAlt))'
  )
  const insert = database.prepare('INSERT INTO received (id, chat, sender) VALUES (:id, :chat, :sender)')
  const trim = database.prepare('DELETE FROM received WHERE number <= :last')
  const selectOpened = database.prepare('SELECT 1 FROM opened WHERE digest = :digest')
  const insertOpened = database.prepare('INSERT OR IGNORE INTO opened (digest) VALUES (:digest)')
  const trimOpened = database.prepare('DELETE FROM opened WHERE number <= :last')
  const lidMapping = openLidMapping(database)
  const unreadable = openUnreadable(database, { ...(patience !== undefined && { patience }) })
  /** @type {NodeJS.Timeout | undefined} */
  let timer

  /** @param {Arrival} arrival */
  const has = ({ id, names }) => select.get(keyOf(id, names)) !== undefined

  /** @param {Arrival} arrival */
  const take = arrival => {
    const { id, names, message, ciphertext, isPart, pairs } = arrival
    if (pairs) lidMapping.write(pairs)
    if (ciphertext) {
      const { lastInsertRowid } = insertOpened.run({ digest: digestOf(ciphertext) })
      trimOpened.run({ last: Number(lastInsertRowid) - REMEMBERED })
    }
    if (!isPart) unreadable.settle(arrival)
    if (!message || has(arrival)) return
    const { chat, sender } = keyOf(id, names)
    const { lastInsertRowid } = insert.run({ id, chat, sender })
    trim.run({ last: Number(lastInsertRowid) - REMEMBERED })
    front().keep(messageReceived(message))
  }

  /** @param {Message[]} messages */
  const tell = messages => {
    messages.forEach(message => front().keep(messageReceived(message)))
    if (messages.length > 0) log.warning('messages_undecryptable', { count: messages.length })
  }

  const tellDue = () => {
    transaction(() => tell(unreadable.due()))
    front().deliver()
    schedule()
  }

  const schedule = () => {
    clearTimeout(timer)
    const dueIn = unreadable.dueIn()
    timer = dueIn === null ? undefined : setTimeout(tellDue, dueIn).unref()
  }
  schedule()
  return {
    /** Whether it was recorded already. @type {(arrival: Arrival) => boolean} */
    has,
    /** Whether this was opened already, and nobody reads it. @param {Uint8Array} ciphertext */
    hasOpened: ciphertext => selectOpened.get({ digest: digestOf(ciphertext) }) !== undefined,
    /**
     * Records messages, but for those that were before, together with what else is to be written; then tells the front.
     * @param {Arrival[]} arrivals
     * @param {() => void} [write]
     */
    record(arrivals, write = () => {}) {
      transaction(() => {
        write()
        arrivals.forEach(take)
      })
      for (const { pairs } of arrivals) {
        if (!pairs) continue
        pairs.release()
        lidMapping.shrink()
      }
      if (arrivals.length > 0) front().deliver()
    },
    /**
     * A copy could not be read. Once no other is expected, the front gets an `undecryptable` message.
     * @param {Arrival & {message: Message}} arrival
     * @param {{isLast?: boolean}} [options] isLast: no other copy will be asked for
     */
    miss(arrival, { isLast = false } = {}) {
      log.info('message_unreadable', { last: isLast })
      transaction(() => {
        const message = unreadable.add(arrival, isLast)
        tell(message ? [message] : [])
      })
      front().deliver()
      schedule()
    },
    close: () => clearTimeout(timer)
  }
}

/** @param {Uint8Array} ciphertext */
const digestOf = ciphertext => hash('sha256', ciphertext, 'base64url')
