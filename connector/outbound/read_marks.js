// @ts-check
/**
 * Read marks: WhatsApp is told which messages were read, until it confirms that it knows.
 *
 * The front keeps the marks that are owed, and names them again after each opening of the link; here they are in memory alone.
 * WhatsApp confirms a receipt with an `ack` of the class `receipt` (tgalal/yowsup, IncomingAckProtocolEntity; Auties00/Cobalt,
 * ReceiptAck: "the server processed an outbound receipt"). Baileys 7.0.0-rc14 writes receipts and looks at no such ack.
 */

import { readMarked } from '../ipc/events.js'
import { harmless } from '../process/logger.js'
import { isGroup } from './relay.js'
import { needingAnswers } from './unanswered.js'

/** Marks that wait for WhatsApp. The front names the others again after the next opening. */
const MAX_OWED_MARKS = 1_000

/** Messages that one receipt names. */
const MAX_RECEIPT_MESSAGES = 200

/** Seconds after which marks that could not be told are tried again. */
const RETRY_SECONDS = 30

/** Types of receipts by which the account says that it has read a message. `read-self`: its senders do not hear of it. */
const TYPES = /** @type {const} */ ({ shown: 'read', hidden: 'read-self' })

/** @typedef {import('baileys').WASocket} WASocket */
/** @typedef {import('../ipc/commands.js').MarkRead} MarkRead */
/** @typedef {Pick<WASocket, 'fetchPrivacySettings' | 'sendReceipt'>} Link */
/** @typedef {{chat: string, id: string, sender: string, link: Link | null}} Mark link: on which WhatsApp was told */
/** @typedef {ReturnType<typeof createReadMarks>} ReadMarks */

/**
 * @param {object} parts
 * @param {Pick<import('../storage/database.js').ConnectorDatabase, 'soon'>} parts.database
 * @param {() => Pick<import('../ipc/front_channel.js').FrontChannel, 'spool' | 'deliver'>} parts.front
 * @param {() => Link | null} parts.socket that is open
 * @param {Pick<import('../process/logger.js').Log, 'warning'>} parts.log
 * @param {number} [parts.retrySeconds]
 */
export function createReadMarks({ database, front, socket, log, retrySeconds = RETRY_SECONDS }) {
  /** In the order of the commands. @type {Map<string, Mark>} */
  const owed = new Map()
  /** Receipts that WhatsApp has not confirmed on this link, by the id of the stanza. @type {Map<string, Mark[][]>} */
  const receipts = new Map()
  /** @type {NodeJS.Timeout | undefined} */
  let timer

  /** Tells WhatsApp what it was not told on this link. */
  async function tell() {
    const link = socket()
    if (!link) return
    const untold = [...owed.values()].filter(mark => mark.link !== link)
    if (untold.length === 0) return
    for (const mark of untold) mark.link = link
    try {
      const { readreceipts } = await needingAnswers(() => link.fetchPrivacySettings())
      const type = readreceipts === 'all' ? TYPES.shown : TYPES.hidden
      for (const marks of receiptsOf(untold)) await send(link, marks, type)
    } catch (error) {
      log.warning('request_failed', { request: 'mark_read', ...harmless(/** @type {any} */ (error)) })
      for (const mark of untold) if (mark.link === link) mark.link = null
      clearTimeout(timer)
      timer = setTimeout(() => void tell(), retrySeconds * 1000).unref()
    }
  }

  /** @param {Link} link @param {Mark[]} marks of one chat, and in a group of one sender @param {'read' | 'read-self'} type */
  async function send(link, marks, type) {
    const [first] = marks
    if (!first) return
    receipts.set(first.id, [...(receipts.get(first.id) ?? []), marks])
    const ids = marks.map(({ id }) => id)
    await link.sendReceipt(first.chat, isGroup(first.chat) ? first.sender : undefined, ids, type)
  }

  return {
    /** @param {MarkRead} command */
    take({ chat, keys }) {
      for (const { id, sender, fromMe } of keys) {
        const key = keyOf({ chat, id, sender })
        if (!fromMe && !owed.has(key)) owed.set(key, { chat, id, sender, link: null })
      }
      for (const key of [...owed.keys()].slice(0, -MAX_OWED_MARKS)) owed.delete(key)
      void tell()
    },
    /** The link is open: WhatsApp is told what it has not confirmed. */
    opened() {
      receipts.clear()
      void tell()
    },
    /** An `ack` of the class `receipt`. Those of other receipts have another type. @param {import('baileys').BinaryNode} ack */
    acknowledge({ attrs: { id = '', type, participant } }) {
      if (type !== undefined && type !== TYPES.shown && type !== TYPES.hidden) return
      const found = receipts.get(id) ?? []
      const marks = found.find(([mark]) => mark?.sender === participant) ?? found[0] ?? []
      const others = found.filter(receipt => receipt !== marks)
      if (others.length > 0) receipts.set(id, others)
      else receipts.delete(id)
      const known = marks.filter(mark => owed.has(keyOf(mark)))
      const [first] = known
      if (!first) return
      for (const mark of known) owed.delete(keyOf(mark))
      database.soon(
        () => front().spool(readMarked(first.chat, known)),
        () => front().deliver()
      )
    },
    /** Forgets all: they belong to no account any more. */
    wipe() {
      clearTimeout(timer)
      owed.clear()
      receipts.clear()
    }
  }
}

/** @param {Pick<Mark, 'chat' | 'id' | 'sender'>} mark */
const keyOf = ({ chat, id, sender }) => JSON.stringify([chat, sender, id])

/** The messages of each receipt: of one chat, and in a group of one sender. @param {Mark[]} marks @returns {Mark[][]} */
function receiptsOf(marks) {
  const together = Object.values(
    Object.groupBy(marks, ({ chat, sender }) => JSON.stringify([chat, isGroup(chat) ? sender : chat]))
  ).map(some => some ?? [])
  return together.flatMap(some =>
    Array.from({ length: Math.ceil(some.length / MAX_RECEIPT_MESSAGES) }, (_, n) =>
      some.slice(n * MAX_RECEIPT_MESSAGES, (n + 1) * MAX_RECEIPT_MESSAGES)
    )
  )
}
