// @ts-check
/**
 * Table of messages that could not be decrypted. The front gets such a message as `undecryptable` after no other copy is expected.
 * A readable copy removes the row.
 *
 * Baileys asks the sender for another copy up to five times and counts in memory. This table outlives the process, so that no
 * restart makes a message disappear. It is written before WhatsApp hears that the copy could not be read.
 */

/** Requests for another copy. It is Baileys' own default, and Baileys gets it as a setting. */
export const MAX_RETRY_REQUESTS = 5

/**
 * Limit for a readable copy. The sender's phone may be off and answer hours later. Until then callers have an `undecryptable`
 * message, which the readable copy replaces.
 */
const READABLE_COPY_TIMEOUT_MS = 300_000

/** Reported messages that are remembered. */
const MAX_REMEMBERED_MESSAGES = 10_000

/** Finds a message by any of its addresses. The rows hold those of the first copy's stanza. */
const SAME_MESSAGE = 'id = :id AND chat IN (:chat, :chatAlt) AND sender IN (:sender, :senderAlt)'

/** @typedef {import('./dedup.js').MessageCopy} MessageCopy */
/** @typedef {import('../ipc/events.js').Message} Message */

/**
 * @param {import('node:sqlite').DatabaseSync} connection
 * @param {{timeoutMs?: number, now?: () => number}} [options] timeoutMs: limit for a readable copy. now: milliseconds since 1970
 */
export function openUnreadable(connection, { timeoutMs = READABLE_COPY_TIMEOUT_MS, now = Date.now } = {}) {
  const select = connection.prepare(`SELECT number, copies, message FROM unreadable WHERE ${SAME_MESSAGE}`)
  const insert = connection.prepare(
    'INSERT INTO unreadable (id, chat, sender, copies, since, message) VALUES (:id, :chat, :sender, 1, :since, :message)'
  )
  const count = connection.prepare('UPDATE unreadable SET copies = copies + 1 WHERE number = :number')
  const markReported = connection.prepare('UPDATE unreadable SET message = NULL WHERE number = :number')
  const settle = connection.prepare(`DELETE FROM unreadable WHERE ${SAME_MESSAGE}`)
  const trim = connection.prepare('DELETE FROM unreadable WHERE message IS NULL AND number <= :last')
  const oldest = connection.prepare('SELECT min(since) AS since FROM unreadable WHERE message IS NOT NULL')
  const due = connection.prepare(
    'SELECT number, message FROM unreadable WHERE message IS NOT NULL AND (since <= :until OR since > :now) ORDER BY number'
  )

  /** Whether the table is empty, as it nearly always is. */
  let isEmpty = connection.prepare('SELECT 1 FROM unreadable LIMIT 1').get() === undefined

  /** @param {unknown} number @param {unknown} message @returns {Message} */
  const report = (number, message) => {
    markReported.run({ number: Number(number) })
    return JSON.parse(String(message))
  }
  return {
    /**
     * Counts a copy that could not be read.
     * @param {MessageCopy & {message: Message}} copy with the message that callers get
     * @param {boolean} isLast Baileys requests no other copy
     * @returns {Message | null} what callers get now
     */
    add({ id, aliases, message }, isLast) {
      isEmpty = false
      const known = select.get(keyOf(id, aliases))
      if (known) count.run({ number: Number(known.number) })
      else {
        const { chat, sender } = keyOf(id, aliases)
        const row = { id, chat, sender, since: now(), message: JSON.stringify(message) }
        const { lastInsertRowid } = insert.run(row)
        trim.run({ last: Number(lastInsertRowid) - MAX_REMEMBERED_MESSAGES })
        return isLast ? report(lastInsertRowid, row.message) : null
      }
      const isSpent = isLast || Number(known.copies) + 1 > MAX_RETRY_REQUESTS
      return isSpent && known.message !== null ? report(known.number, known.message) : null
    },
    /** Removes a message of which a copy could be read. @param {MessageCopy} copy */
    settle({ id, aliases }) {
      if (!isEmpty) settle.run(keyOf(id, aliases))
    },
    /** Messages whose time is over. A clock that was set back ends the wait. @returns {Message[]} */
    due: () => due.all({ until: now() - timeoutMs, now: now() }).map(({ number, message }) => report(number, message)),
    /** Milliseconds until the next message is due; null if no message waits. */
    dueIn() {
      const since = oldest.get()?.since
      return typeof since === 'number' ? Math.max(0, Math.min(timeoutMs, since + timeoutMs - now())) : null
    }
  }
}

/**
 * @param {string} id
 * @param {MessageCopy['aliases']} aliases
 */
export function keyOf(id, { chat, sender }) {
  const [[first = '', other = first], [author = '', otherAuthor = author]] = [chat, sender]
  return { id, chat: first, chatAlt: other, sender: author, senderAlt: otherAuthor }
}
