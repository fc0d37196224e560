// @ts-check
/**
 * Table of messages that were sent: each is written before it is relayed for the first time. It answers what became of one, and
 * gives the same protobuf for a second relay and for a device that asks again.
 */

/** Messages that are kept. A device that could not read one asks within days. Their texts go sooner (retention.js). */
const MAX_KEPT_MESSAGES = 10_000

/** The longest time for which the front lets a message wait, in milliseconds: `ttl` in server/api/schemas/new_message.py. */
const LONGEST_WAIT_MS = 604_800_000

/** What WhatsApp has said of a message. */
export const SENT_STATE = /** @type {const} */ ({ prepared: 0, acknowledged: 1, refused: 2 })

/** How far the recipients have come, in order. @type {readonly ('delivered' | 'read' | 'played')[]} */
const RECEIPTS = ['delivered', 'read', 'played']

/** @typedef {import('../ipc/events.js').Reason} Reason */
/** @typedef {(typeof RECEIPTS)[number]} ReceiptKind */
/** @typedef {ReturnType<typeof openSent>} Sent */

/**
 * @typedef {object} SentMessage
 * @property {string} id
 * @property {string} chat as the front names it
 * @property {number} state one of SENT_STATE
 * @property {number} attempts how often it was relayed, or was about to be
 * @property {ReceiptKind | null} receipt the furthest
 * @property {number} at milliseconds since 1970: when WhatsApp took or refused it, before that when it was written
 * @property {Reason | null} reason why it was refused
 */

/** @param {Pick<import('../storage/database.js').ConnectorDatabase, 'connection' | 'soon'>} database */
export function openSent({ connection, soon }) {
  const select = connection.prepare('SELECT id, chat, state, attempts, receipt, at, reason FROM sent WHERE id = :id')
  const selectMessage = connection.prepare("SELECT message FROM sent WHERE id = :id AND state <> 2 AND message <> X''")
  const insert = connection.prepare(
    'INSERT INTO sent (id, chat, message, state, attempts, receipt, at) VALUES (:id, :chat, :message, 0, 1, 0, :at)'
  )
  const insertRefused = connection.prepare(
    "INSERT INTO sent (id, chat, message, state, attempts, receipt, at, reason) VALUES (:id, :chat, X'', 2, 1, 0, :at, :reason)"
  )
  const trim = connection.prepare('DELETE FROM sent WHERE number <= :last AND state <> 0')
  const countAttempt = connection.prepare('UPDATE sent SET attempts = attempts + 1 WHERE id = :id')
  const settle = connection.prepare('UPDATE sent SET state = :state, at = :at, reason = :reason WHERE id = :id')
  const advance = connection.prepare('UPDATE sent SET receipt = :receipt WHERE id = :id')
  const erase = connection.prepare(
    "UPDATE sent SET message = X'' WHERE at < :before AND message <> X'' AND (state <> 0 OR at < :waited)"
  )
  const eraseOne = connection.prepare("UPDATE sent SET message = X'' WHERE id = :id AND state <> 0")
  const wipe = connection.prepare('DELETE FROM sent')
  return {
    /** @param {string} id @returns {SentMessage | null} */
    find(id) {
      const row = select.get({ id })
      if (!row) return null
      return {
        id,
        chat: String(row.chat),
        state: Number(row.state),
        attempts: Number(row.attempts),
        receipt: RECEIPTS[Number(row.receipt) - 1] ?? null,
        at: Number(row.at),
        reason: row.reason === null ? null : JSON.parse(String(row.reason))
      }
    },
    /** The protobuf of a message; null if it is not kept, was erased, or was refused. @param {string} id @returns {Uint8Array | null} */
    protobuf: id => /** @type {Uint8Array | undefined} */ (selectMessage.get({ id })?.message) ?? null,
    /**
     * Writes a message that is about to be relayed.
     * @param {{id: string, chat: string, message: Uint8Array, at: number}} message
     * @param {{revoked?: string}} [options] revoked: id of the message that it revokes: a device that asks for that one later
     *   gets nothing, or it would show it after all (Baileys #2820)
     */
    prepare(message, { revoked } = {}) {
      soon(() => {
        if (revoked !== undefined) eraseOne.run({ id: revoked })
        const { lastInsertRowid } = insert.run(message)
        trim.run({ last: Number(lastInsertRowid) - MAX_KEPT_MESSAGES })
      })
    },
    /**
     * Writes a message that has no protobuf, as one that was refused: there is no moment at which it could be relayed.
     * @param {{id: string, chat: string, at: number, reason: Reason}} message
     */
    prepareRefused({ reason, ...message }) {
      const { lastInsertRowid } = insertRefused.run({ ...message, reason: JSON.stringify(reason) })
      trim.run({ last: Number(lastInsertRowid) - MAX_KEPT_MESSAGES })
    },
    /** The message is about to be relayed again. @param {string} id */
    countAttempt: id => void countAttempt.run({ id }),
    /** @param {string} id @param {number} at */
    acknowledge: (id, at) => void settle.run({ id, state: SENT_STATE.acknowledged, at, reason: null }),
    /** @param {string} id @param {number} at @param {Reason} reason */
    refuse: (id, at, reason) => void settle.run({ id, state: SENT_STATE.refused, at, reason: JSON.stringify(reason) }),
    /** @param {string} id @param {ReceiptKind} kind */
    advance: (id, kind) => void advance.run({ id, receipt: RECEIPTS.indexOf(kind) + 1 }),
    /**
     * Erases the protobufs of messages that WhatsApp took or refused before a moment: what became of them stays. Those that it
     * never confirmed go once the front cannot want them any more.
     * @param {number} before milliseconds since 1970
     */
    erase: before => Number(erase.run({ before, waited: before - LONGEST_WAIT_MS }).changes),
    /** Forgets all: they belong to no account any more. */
    wipe: () => void wipe.run()
  }
}

/** Whether a receipt says more than the one before. @param {ReceiptKind} kind @param {ReceiptKind | null} before */
export const isFurther = (kind, before) => RECEIPTS.indexOf(kind) > (before ? RECEIPTS.indexOf(before) : -1)
