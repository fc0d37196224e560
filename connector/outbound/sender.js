// @ts-check
/**
 * Sender: relays each message of the front until WhatsApp has taken or refused it.
 *
 * A message is written before it is relayed. If nobody knows whether WhatsApp has it, because the process or the link ended before
 * the ack, it is relayed again under the same id: WhatsApp's server and its apps drop an id that they have seen. That waits until
 * all that waited for this device has come, since a receipt among it proves that the message has arrived.
 */

import { isStorageFailure } from '../process/exit_codes.js'
import { harmless } from '../process/logger.js'
import { createAttempts } from './attempts.js'
import { protobufOf } from './content.js'
import { atDeadline, isLate } from './deadlines.js'
import { failure } from './failures.js'
import { SENT_STATE } from './sent.js'

/** @typedef {import('../ipc/commands.js').Send} Send */
/** @typedef {import('baileys').WASocket} WASocket */
/** @typedef {import('./failures.js').FailureCode} FailureCode */
/** @typedef {import('./attempts.js').Link} Link */
/** @typedef {import('./attempts.js').Entry} Entry */
/** @typedef {ReturnType<typeof createSender>} Sender */

/**
 * @param {object} parts
 * @param {import('./sent.js').Sent} parts.sent
 * @param {import('./moves.js').Moves} parts.moves
 * @param {import('./group_cache.js').GroupCache} parts.groups
 * @param {() => string} parts.me address of the account
 * @param {(chat: string) => boolean} parts.isOwnChat
 * @param {() => boolean} parts.wasRestored whether messages may be missing in the table, because it was restored
 * @param {(socket: WASocket, chat: string, seconds: number) => Promise<void>} parts.showTyping
 * @param {import('../process/logger.js').Log} parts.log
 * @param {typeof import('./attempts.js').SEND_TIMEOUT_SECONDS} [parts.timeouts]
 * @param {readonly number[]} [parts.pauses] seconds
 */
export function createSender({ sent, moves, groups, me, isOwnChat, wasRestored, showTyping, log, ...options }) {
  /** In the order of the commands. @type {Map<string, Entry>} */
  const entries = new Map()
  /** @type {Link | null} */
  let current = null
  const attempts = createAttempts(
    { sent, groups, isOwnChat, showTyping, log, ...options },
    { isCurrent, release, fail, giveUp }
  )

  /** Relays each message that may go now. */
  function pump() {
    for (const entry of entries.values()) {
      if (!current?.isOpen || entry.link || entry.isPaused) continue
      if (!entry.isDoubtful || current.isCaughtUp) void attempts.begin(entry, current)
    }
  }

  /** Whether the message still waits, on this link. @param {Entry} entry @param {Link} link */
  function isCurrent(entry, link) {
    return entry.link === link && entries.get(entry.command.id) === entry
  }

  /** The message may be relayed on another link, or once more on this one. @param {Entry} entry */
  function release(entry) {
    clearTimeout(entry.timer)
    entry.link = null
    pump()
  }

  /** @param {string} id @param {FailureCode} code @param {string} [cause] */
  function fail(id, code, cause) {
    const message = sent.find(id)
    settle(id)
    if (message?.state === SENT_STATE.prepared) moves.failed(message, failure(code, cause))
  }

  /** The message cannot be relayed. If it was before, WhatsApp may have it. @param {Entry} entry @param {FailureCode} code @param {string} [cause] */
  function giveUp(entry, code, cause) {
    fail(entry.command.id, entry.isDoubtful ? 'in-doubt' : code, cause)
  }

  /** The message needs nothing more. @param {string} id */
  function settle(id) {
    clearTimeout(entries.get(id)?.timer)
    clearTimeout(entries.get(id)?.lapse)
    entries.delete(id)
  }

  /** @param {Send} command */
  async function take(command) {
    const known = sent.find(command.id)
    if (known && known.state !== SENT_STATE.prepared) return moves.repeat(known)
    if (entries.has(command.id)) return
    if (known && !sent.protobuf(command.id)) return fail(command.id, 'in-doubt')
    const entry = /** @type {Entry} */ ({
      command,
      isDoubtful: known !== null || (command.again && wasRestored()),
      link: null,
      errors: 0,
      isPaused: true,
      hasSkipped: false,
      hasRefreshed: false,
      tally: null,
      timer: undefined
    })
    entries.set(command.id, entry)
    entry.lapse = atDeadline(command, () => lapse(entry))
    if (!known) await prepare(command)
    entry.isPaused = false
    pump()
  }

  /** The time of a message is over. What is relayed now, or may be at WhatsApp, has its answer on a link. @param {Entry} entry */
  function lapse(entry) {
    const { command } = entry
    if (entries.get(command.id) !== entry || entry.link || entry.isDoubtful || entry.isPaused) return
    if (isLate(command)) fail(command.id, 'expired')
  }

  /** Writes the message that a command asks for. @param {Send} command */
  async function prepare(command) {
    const { id, chat, message: said } = command
    try {
      const message = await protobufOf(command, me())
      sent.prepare({ id, chat, message, at: Date.now() }, said.kind === 'revoke' ? { revoked: said.target?.id } : {})
    } catch (error) {
      if (isStorageFailure(error)) throw error
      log.error('message_not_built', { kind: said.kind, ...harmless(error) })
      failUnbuilt(command, 'it cannot be built')
    }
  }

  /** A message that has no protobuf fails. @param {{id: string, chat: string}} message @param {string} cause */
  function failUnbuilt({ id, chat }, cause) {
    settle(id)
    moves.neverBuilt({ id, chat }, failure('rejected', cause))
  }

  return {
    take,
    settle,
    /** Fails a message that this version cannot send. One that it knows is not touched. @param {{id: string, chat: string}} message */
    refuse(message) {
      const known = sent.find(message.id)
      if (!known) failUnbuilt(message, 'this version of the connector cannot send it')
      else if (known.state !== SENT_STATE.prepared) moves.repeat(known)
    },
    /**
     * Relays a message again, once, after WhatsApp has refused it and `refresh` has dropped what was out of date.
     * @param {string} id
     * @param {(socket: WASocket, chat: string) => Promise<void>} refresh
     * @returns {boolean} whether it is relayed again
     */
    relayOnceMore(id, refresh) {
      const entry = entries.get(id)
      if (!entry?.link || entry.hasRefreshed) return false
      clearTimeout(entry.timer)
      entry.hasRefreshed = true
      entry.isDoubtful = false
      entry.isPaused = true
      sent.countAttempt(id)
      void refresh(entry.link.socket, entry.command.chat).finally(() => {
        entry.isPaused = false
        release(entry)
      })
      return true
    },
    /** Devices that a message which has no ack yet was sealed for, each by itself. @param {string} id */
    recipientsOf: id => entries.get(id)?.tally?.recipients ?? null,
    /** @param {Link} link that is opening */
    attach(link) {
      current = link
    },
    pump,
    /** The link has ended: what it had not confirmed is relayed on the next one. @param {Link} link */
    detach(link) {
      if (current === link) current = null
      for (const entry of entries.values()) {
        if (entry.link !== link) continue
        clearTimeout(entry.timer)
        entry.isDoubtful ||= entry.tally?.hasSealed === true
        entry.link = null
      }
    },
    /** Whether nothing waits. */
    isIdle: () => entries.size === 0,
    /** Forgets all that waits: it belongs to no account any more. */
    wipe() {
      for (const id of entries.keys()) settle(id)
      sent.wipe()
    }
  }
}
