// @ts-check
/**
 * Copies of messages that could not be decrypted. The front gets such a message as `undecryptable` once no other copy is
 * expected. A copy that can be read ends the matter.
 *
 * Baileys asks the sender for another copy up to five times and counts in memory. This table outlives the process, so that no
 * restart makes a message disappear, and it is written before WhatsApp hears that the copy could not be read.
 */

/** How often another copy is asked for. It is Baileys' own default, given to it in so many words. */
export const RETRIES = 5

/**
 * Milliseconds that a readable copy may take. The sender's phone may be off and answer in hours: by then callers have
 * an `undecryptable` message, and the readable copy takes its place.
 */
const PATIENCE_MS = 300_000

/** Messages whose fate is remembered. */
const REMEMBERED = 10_000

/** The same message by any of its addresses: the rows hold those of the first copy's stanza. */
const SAME = 'id = :id AND chat IN (:chat, :chatAlt) AND sender IN (:sender, :senderAlt)'

/** @typedef {import('./dedup.js').Arrival} Arrival */
/** @typedef {import('../ipc/events.js').Message} Message */

/**
 * @param {import('node:sqlite').DatabaseSync} database
 * @param {{patience?: number, now?: () => number}} [options] patience: milliseconds. now: milliseconds since 1970
 */
export function openUnreadable(database, { patience = PATIENCE_MS, now = Date.now } = {}) {
  const select = database.prepare(`SELECT number, copies, message FROM unreadable WHERE ${SAME}`)
  const insert = database.prepare(
    'INSERT INTO unreadable (id, chat, sender, copies, since, message) VALUES (:id, :chat, :sender, 1, :since, :message)'
  )
  const count = database.prepare('UPDATE unreadable SET copies = copies + 1 WHERE number = :number')
  const told = database.prepare('UPDATE unreadable SET message = NULL WHERE number = :number')
  const settle = database.prepare(`DELETE FROM unreadable WHERE ${SAME}`)
  const trim = database.prepare('DELETE FROM unreadable WHERE message IS NULL AND number <= :last')
  const oldest = database.prepare('SELECT min(since) AS since FROM unreadable WHERE message IS NOT NULL')
  const due = database.prepare(
    'SELECT number, message FROM unreadable WHERE message IS NOT NULL AND (since <= :until OR since > :now) ORDER BY number'
  )

  /** Whether there is nothing to settle, as with nearly every message. */
  let isEmpty = database.prepare('SELECT 1 FROM unreadable LIMIT 1').get() === undefined

  /** @param {unknown} number @param {unknown} message @returns {Message} */
  const give = (number, message) => {
    told.run({ number: Number(number) })
    return JSON.parse(String(message))
  }
  return {
    /**
     * Another copy could not be read.
     * @param {Arrival & {message: Message}} arrival with the message that callers get
     * @param {boolean} isLast no other copy will be asked for
     * @returns {Message | null} what callers get now
     */
    add({ id, names, message }, isLast) {
      isEmpty = false
      const known = select.get(keyOf(id, names))
      if (known) count.run({ number: Number(known.number) })
      else {
        const { chat, sender } = keyOf(id, names)
        const row = { id, chat, sender, since: now(), message: JSON.stringify(message) }
        const { lastInsertRowid } = insert.run(row)
        trim.run({ last: Number(lastInsertRowid) - REMEMBERED })
        return isLast ? give(lastInsertRowid, row.message) : null
      }
      const isSpent = isLast || Number(known.copies) + 1 > RETRIES
      return isSpent && known.message !== null ? give(known.number, known.message) : null
    },
    /** A copy could be read. @param {Arrival} arrival */
    settle({ id, names }) {
      if (!isEmpty) settle.run(keyOf(id, names))
    },
    /** Those for which nobody waits any longer; a clock that was set back ends the wait. @returns {Message[]} */
    due: () => due.all({ until: now() - patience, now: now() }).map(({ number, message }) => give(number, message)),
    /** Milliseconds until there is one; null if none waits. */
    dueIn() {
      const since = oldest.get()?.since
      return typeof since === 'number' ? Math.max(0, Math.min(patience, since + patience - now())) : null
    }
  }
}

/**
 * @param {string} id
 * @param {Arrival['names']} names
 */
export function keyOf(id, { chat, sender }) {
  const [[first = '', other = first], [author = '', otherAuthor = author]] = [chat, sender]
  return { id, chat: first, chatAlt: other, sender: author, senderAlt: otherAuthor }
}
