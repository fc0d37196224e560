// @ts-check
/** Answers of WhatsApp to messages that were sent: acks, and receipts of the recipients' devices. */

import { getBinaryNodeChild, getBinaryNodeChildren } from 'baileys'
import { aliasesInStanza, resolve } from '../messages/addresses.js'
import { refusalOf, STALE_CODES } from './failures.js'
import { isOwn } from './sealing.js'
import { SENT_STATE } from './sent.js'

/**
 * Receipts by their type. `inactive`: a device has the message while its owner is away (whatsmeow, types.ReceiptType). All other
 * types say nothing of the recipient, but that WhatsApp has the message.
 * @type {Record<string, import('./sent.js').ReceiptKind>}
 */
const KINDS = { '': 'delivered', inactive: 'delivered', read: 'read', played: 'played' }

/** @typedef {import('baileys').BinaryNode} Stanza */

/**
 * @param {object} parts
 * @param {import('./sent.js').Sent} parts.sent
 * @param {import('./moves.js').Moves} parts.moves
 * @param {Pick<import('./sender.js').Sender, 'settle' | 'relayOnceMore'>} parts.sender
 * @param {import('../storage/credentials.js').Credentials['state']} parts.state
 * @param {import('../process/logger.js').Log} parts.log
 * @param {object} on
 * @param {(message: import('./sent.js').SentMessage, phash: string) => void} on.otherDevices WhatsApp sent the message to other devices than it was sealed for
 * @param {(chat: string) => void} on.asksAgain a device in this chat asks for a message again
 * @param {(socket: import('baileys').WASocket, chat: string) => Promise<void>} on.refresh drops what is known of the devices of a chat
 * @param {(socket: import('baileys').WASocket, code: 'restricted' | 'new-chat-limit') => Promise<void>} on.restricted
 */
export function createAnswers({ sent, moves, sender, state: { creds, keys }, log }, on) {
  /** @param {import('baileys').WASocket} socket @param {Stanza} ack */
  function acknowledge(socket, { attrs }) {
    const message = sent.find(attrs.id ?? '')
    if (!message) return
    if (attrs.phash) on.otherDevices(message, attrs.phash)
    if (message.state !== SENT_STATE.prepared) return
    if (attrs.error) return refuse(socket, message, attrs.error)
    sender.settle(message.id)
    moves.sent(message, momentOf(attrs.t))
  }

  /** @param {import('baileys').WASocket} socket @param {import('./sent.js').SentMessage} message @param {string} error */
  function refuse(socket, message, error) {
    log.warning('message_refused', { code: error })
    if (STALE_CODES.has(error) && sender.relayOnceMore(message.id, on.refresh)) return
    sender.settle(message.id)
    const reason = refusalOf(error)
    moves.failed(message, reason)
    if (reason.code === 'restricted' || reason.code === 'new-chat-limit') void on.restricted(socket, reason.code)
  }

  /** Records a receipt. Baileys confirms it after that. @param {Stanza} receipt */
  function receive({ attrs, content }) {
    const { me } = creds
    if (!me || !attrs.id || !attrs.from) return
    const author = attrs.participant ?? attrs.from
    const isMine = isOwn(author, me)
    if (attrs.type === 'retry') on.asksAgain(attrs.from)
    const { chat, sender: by } = resolve(aliasesInStanza(attrs, me), keys)
    const settled = moves.received({
      ids: [attrs.id, ...listedIn({ tag: 'receipt', attrs, content })],
      chat: isMine ? '' : chat,
      kind: isMine ? null : (KINDS[attrs.type ?? ''] ?? null),
      by: isMine ? null : by,
      at: momentOf(attrs.t)
    })
    settled.forEach(sender.settle)
  }
  return { acknowledge, receive }
}

/** Further ids of a receipt for several messages. @param {Stanza} receipt */
const listedIn = receipt =>
  getBinaryNodeChildren(getBinaryNodeChild(receipt, 'list'), 'item').flatMap(({ attrs: { id } }) => (id ? [id] : []))

/** @param {string | undefined} seconds since 1970 @returns {number} milliseconds */
function momentOf(seconds) {
  const moment = Number(seconds) * 1000
  return moment > 0 && moment < 253_402_300_800_000 ? moment : Date.now()
}
