// @ts-check
/**
 * Edits and revokes for devices that ask for them again.
 *
 * Baileys 7.0.0-rc14 sends a message again without the attributes of its first stanza (`sendMessagesAgain`). An edit and a revoke
 * then lack `edit`, by which WhatsApp's server and clients tell them from a text: whatsmeow takes it over (`handleRetryReceipt`),
 * and whatsapp-rust #621 reports devices that showed a revoked message on after a retry. So `getMessage` gives Baileys no such
 * message. Baileys still prepares the session with the device; the message is sent from here, within the same turn.
 */

import { AsyncLocalStorage } from 'node:async_hooks'
import { getBinaryNodeChild, jidDecode } from 'baileys'
import { harmless } from '../process/logger.js'
import { needingAnswers } from './unanswered.js'

/** Requests of which the count is remembered: those whose turn has not come. */
const MAX_REMEMBERED_COUNTS = 1_000

/** @typedef {import('baileys').WASocket} WASocket */
/** @typedef {{id: string, chat: string, device: string, message: import('baileys').proto.IMessage, attributes: Record<string, string>}} Request */
/** @typedef {ReturnType<typeof createRetries>} Retries */

/** @param {{log: Pick<import('../process/logger.js').Log, 'warning'>}} parts */
export function createRetries({ log }) {
  /** What was asked for in the present turn. @type {AsyncLocalStorage<Request[]>} */
  const turns = new AsyncLocalStorage()
  /** How often a device has asked, by message and device. @type {Map<string, string>} */
  const counts = new Map()

  /** @param {WASocket} socket @param {Request} request */
  async function send(socket, { id, chat, device, message, attributes }) {
    const count = Number(counts.get(keyOf(id, device)) ?? 1)
    counts.delete(keyOf(id, device))
    // As Baileys does: all devices get what the phone asks for.
    const to = jidDecode(device)?.device ? { participant: { jid: device, count } } : { useUserDevicesCache: false }
    try {
      const options = { messageId: id, additionalAttributes: attributes, ...to }
      await needingAnswers(() => socket.relayMessage(chat, message, options))
    } catch (error) {
      log.warning('relay_failed', harmless(/** @type {any} */ (error)))
    }
  }

  return {
    /** A device asks for a message again. @param {import('baileys').BinaryNode} receipt of the type `retry` */
    note(receipt) {
      const { id = '', from = '', participant = from } = receipt.attrs
      counts.set(keyOf(id, participant), getBinaryNodeChild(receipt, 'retry')?.attrs.count ?? '1')
      if (counts.size > MAX_REMEMBERED_COUNTS) counts.delete(/** @type {string} */ (counts.keys().next().value))
    },
    /** Sends a message at the end of the turn of Baileys in which this is called. @param {Request} request */
    ask: request => void turns.getStore()?.push(request),
    /** Sends what is asked for in each turn of a socket's receipts. @param {WASocket} socket */
    attach(socket) {
      const { receiptMutex, messageRetryManager } = socket
      // Its cache of five minutes would answer before `getMessage` does.
      if (messageRetryManager) messageRetryManager.addRecentMessage = () => {}
      const turn = receiptMutex.mutex.bind(receiptMutex)
      receiptMutex.mutex = code =>
        turn(() =>
          turns.run([], async () => {
            const result = await code()
            for (const request of turns.getStore() ?? []) await send(socket, request)
            return result
          })
        )
    }
  }
}

/** @param {string} id @param {string} device */
const keyOf = (id, device) => `${id} ${device}`
