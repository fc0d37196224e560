// @ts-check
/** Moves of messages: what became of each is written and spooled for the front in one transaction. */

import { messageMoved, restricted } from '../ipc/events.js'
import { isFurther, SENT_STATE } from './sent.js'

/** Ids of messages that are not kept here, in one receipt: they are told as they come, and anybody can make them up. */
const MAX_UNKNOWN_IDS = 100

/** Form of the ids that the front makes. Phones have other ones. */
const ID_OF_FRONT = /^3EB0[0-9A-F]{18}$/

/** @typedef {import('./sent.js').SentMessage} SentMessage */
/** @typedef {import('../ipc/events.js').Reason} Reason */
/** @typedef {import('../ipc/events.js').Move} Move */
/** @typedef {ReturnType<typeof createMoves>} Moves */

/**
 * @param {object} parts
 * @param {Pick<import('../storage/database.js').ConnectorDatabase, 'soon'>} parts.database
 * @param {import('./sent.js').Sent} parts.sent
 * @param {() => Pick<import('../ipc/front_channel.js').FrontChannel, 'spool' | 'deliver'>} parts.front
 * @param {() => boolean} [parts.isFull] whether so much waits for the front that nothing more may be told which can be left out
 * @param {(chat: string) => string | null} parts.lidOf returns the LID of a chat of two, if it is known
 * @param {() => number} [parts.now] milliseconds since 1970
 */
export function createMoves({ database, sent, front, lidOf, isFull = () => false, now = Date.now }) {
  /** @param {Omit<Move, 'chatLid'>} move */
  const spool = move => front().spool(messageMoved({ ...move, chatLid: lidOf(move.chat) }))

  const deliver = () => front().deliver()

  /** @param {() => void} write */
  const commit = write => database.soon(write, deliver)

  /**
   * What a receipt is about: each message once. Those that are not kept are left out, if they cannot be of the front or are too many.
   * @param {string[]} ids
   */
  function subjectsOf(ids) {
    const found = [...new Set(ids)].map(id => ({ id, message: sent.find(id) }))
    const unknown = isFull() ? [] : found.filter(({ id, message }) => !message && ID_OF_FRONT.test(id))
    return [...found.filter(({ message }) => message), ...unknown.slice(0, MAX_UNKNOWN_IDS)]
  }

  /** @param {SentMessage} message @param {number} at */
  const acknowledge = ({ id, chat, attempts }, at) => {
    sent.acknowledge(id, at)
    spool({ id, chat, status: 'sent', at, attempts })
  }
  return {
    /** WhatsApp has the message. @param {SentMessage} message @param {number} at milliseconds since 1970 */
    sent: (message, at) => commit(() => acknowledge(message, at)),
    /** @param {SentMessage} message @param {Reason} reason */
    failed({ id, chat, attempts }, reason) {
      commit(() => {
        sent.refuse(id, now(), reason)
        spool({ id, chat, status: 'failed', at: now(), reason, attempts })
      })
    },
    /** A message that has no row, and cannot be relayed, has failed. @param {{id: string, chat: string}} message @param {Reason} reason */
    neverBuilt({ id, chat }, reason) {
      commit(() => {
        sent.prepareRefused({ id, chat, at: now(), reason })
        spool({ id, chat, status: 'failed', at: now(), reason, attempts: 1 })
      })
    },
    /**
     * Receipts for some messages. One for a message without an ack proves that WhatsApp has it.
     * @param {{ids: string[], chat: string, kind: import('./sent.js').ReceiptKind | null, by: string | null, at: number}} receipt chat: of messages that are not kept
     *   here. kind: null: says nothing of the recipients
     * @returns {string[]} ids of the messages that had no ack
     */
    received({ ids, chat, kind, by, at }) {
      /** @type {string[]} */
      const settled = []
      const news = subjectsOf(ids).filter(({ message }) => isNews(message, kind))
      if (news.length === 0) return settled
      commit(() => {
        for (const { id, message } of news) {
          if (message?.state === SENT_STATE.prepared) {
            acknowledge(message, at)
            settled.push(id)
          }
          if (!kind || (message && !isFurther(kind, message.receipt))) continue
          if (message) sent.advance(id, kind)
          spool({ id, chat: message?.chat ?? chat, status: kind, at, by, attempts: message?.attempts })
        }
      })
      return settled
    },
    /** Repeats what became of a message that WhatsApp has taken or refused. @param {SentMessage} message */
    repeat({ id, chat, state, at, attempts, reason, receipt }) {
      commit(() => {
        const status = state === SENT_STATE.refused ? 'failed' : 'sent'
        spool({ id, chat, status, at, reason, attempts })
        if (receipt) spool({ id, chat, status: receipt, at, attempts })
      })
    },
    /** @param {'restricted' | 'new-chat-limit'} code @param {number | null} until milliseconds since 1970 */
    restricted(code, until) {
      commit(() => front().spool(restricted(code, until)))
    }
  }
}

/**
 * Whether a receipt says anything that was not known. Nobody knows what became of a message that is not kept here.
 * @param {SentMessage | null} message
 * @param {import('./sent.js').ReceiptKind | null} kind
 */
function isNews(message, kind) {
  if (!message) return kind !== null
  return message.state === SENT_STATE.prepared || (kind !== null && isFurther(kind, message.receipt))
}
