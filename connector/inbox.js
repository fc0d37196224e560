// @ts-check
/** Messages that the front must learn of, each once. */

import { messageReceived } from './events.js'

/** Messages that are known again when WhatsApp delivers them once more: far more than ever wait for one device's receipts. */
const REMEMBERED = 10_000

/** @typedef {import('./events.js').Message} Message */
/** @typedef {ReturnType<typeof openInbox>} Inbox */

/**
 * @param {Pick<import('./record.js').Record, 'database' | 'transaction'>} record
 * @param {() => Pick<import('./front.js').Front, 'keep' | 'deliver'>} front
 */
export function openInbox({ database, transaction }, front) {
  const select = database.prepare('SELECT 1 FROM received WHERE chat = :chat AND id = :id')
  const insert = database.prepare('INSERT OR IGNORE INTO received (chat, id) VALUES (:chat, :id)')
  const trim = database.prepare('DELETE FROM received WHERE number <= :last')

  /** @param {Message} message */
  const take = message => {
    const { changes, lastInsertRowid } = insert.run({ chat: message.chat, id: message.id })
    if (changes === 0) return
    trim.run({ last: Number(lastInsertRowid) - REMEMBERED })
    front().keep(messageReceived(message))
  }
  return {
    /** Whether it was recorded already. @param {Message} message */
    has: ({ chat, id }) => select.get({ chat, id }) !== undefined,
    /**
     * Records messages, but for those that were before, together with what else is to be written; then tells the front.
     * @param {Message[]} messages
     * @param {() => void} [write]
     */
    record(messages, write = () => {}) {
      transaction(() => {
        write()
        messages.forEach(take)
      })
      if (messages.length > 0) front().deliver()
    }
  }
}
