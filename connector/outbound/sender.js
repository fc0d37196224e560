// @ts-check
/**
 * Sender: relays each message of the front until WhatsApp has taken or refused it.
 *
 * A message is written before it is relayed. If nobody knows whether WhatsApp has it, because the process or the link ended before
 * the ack, it is relayed again under the same id: WhatsApp's server and its apps drop an id that they have seen. That waits until
 * all that waited for this device has come, since a receipt among it proves that the message has arrived.
 */

import { setTimeout as delay } from 'node:timers/promises'
import { proto } from 'baileys'
import { isStorageFailure } from '../process/exit_codes.js'
import { harmless } from '../process/logger.js'
import { protobufOf } from './content.js'
import { atDeadline, isLate } from './deadlines.js'
import { failure } from './failures.js'
import { isGroup, keysGivenIn, relay, rememberKeysGiven } from './relay.js'
import { isConnectionError, isNobody, isNoMember, textOf } from './relay_errors.js'
import { newTally } from './sealing.js'
import { SENT_STATE } from './sent.js'
import { isAnswering, isUnanswered } from './unanswered.js'

/** Seconds. ack: after the stanza is written. relay, groupRelay: from the beginning until it is written. */
export const SEND_TIMEOUT_SECONDS = { ack: 20, relay: 60, groupRelay: 180 }

/** Relays after which a message that was never confirmed fails: one that WhatsApp does not answer must not end every link. */
const MAX_ATTEMPTS = 8

/**
 * Pauses, in seconds, after relays that failed before anything was sealed: WhatsApp has answered a query with an error or not at
 * all, or the time was over. The message fails at the next such failure.
 */
const PAUSE_SECONDS = [2, 10, 30]

/** @typedef {import('../ipc/commands.js').Send} Send */
/** @typedef {import('baileys').WASocket} WASocket */
/** @typedef {import('./failures.js').FailureCode} FailureCode */
/** @typedef {ReturnType<typeof createSender>} Sender */

/**
 * @typedef {object} Link a socket of Baileys
 * @property {WASocket} socket
 * @property {boolean} isOpen
 * @property {boolean} isCaughtUp all that waited for this device has come
 * @property {(cause: string) => void} end ends the link; the next one opens by itself
 */

/**
 * @typedef {object} Entry a message that WhatsApp has neither taken nor refused
 * @property {Send} command
 * @property {boolean} isDoubtful whether WhatsApp may have it
 * @property {Link | null} link on which it is relayed now
 * @property {number} errors relays that failed before anything was sealed
 * @property {boolean} isPaused after such an error
 * @property {boolean} hasSkipped members of its group that cannot be encrypted for were left out
 * @property {boolean} hasRefreshed the devices of its chat were asked for again after WhatsApp had refused it
 * @property {import('./sealing.js').Tally | null} tally of the last relay
 * @property {NodeJS.Timeout | undefined} timer
 * @property {NodeJS.Timeout | undefined} [lapse] at the end of its time
 */

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
 * @param {typeof SEND_TIMEOUT_SECONDS} [parts.timeouts]
 * @param {readonly number[]} [parts.pauses] seconds
 */
export function createSender({ sent, moves, groups, me, isOwnChat, wasRestored, showTyping, log, ...options }) {
  const { timeouts = SEND_TIMEOUT_SECONDS, pauses = PAUSE_SECONDS } = options
  /** In the order of the commands. @type {Map<string, Entry>} */
  const entries = new Map()
  /** @type {Link | null} */
  let current = null

  /** Relays each message that may go now. */
  function pump() {
    for (const entry of entries.values()) {
      if (!current?.isOpen || entry.link || entry.isPaused) continue
      if (!entry.isDoubtful || current.isCaughtUp) void begin(entry, current)
    }
  }

  /** @param {Entry} entry @param {Link} link */
  async function begin(entry, link) {
    entry.link = link
    try {
      await relayEntry(entry, link)
    } catch (error) {
      await failed(entry, link, error)
    }
  }

  /** @param {Entry} entry @param {Link} link */
  async function relayEntry(entry, link) {
    const { id, chat, typing } = entry.command
    if (entry.isDoubtful && !(await mayRelayAgain(entry, link))) return
    if (typing > 0 && !entry.isDoubtful && !isLate(entry.command)) await showTyping(link.socket, chat, typing)
    if (!isCurrent(entry, link)) return
    if (!entry.isDoubtful && isLate(entry.command)) return fail(id, 'expired')
    const message = sent.protobuf(id)
    if (!message) return fail(id, 'in-doubt') // Its text was erased: nobody waits for it any more.
    if (entry.errors > pauses.length) return giveUp(entry, 'rejected', 'it could not be sent in time')
    expect(entry, link, isGroup(chat) ? timeouts.groupRelay : timeouts.relay, 'a message could not be sent in time')
    const tally = newTally(!isGroup(chat) && !isOwnChat(chat))
    entry.tally = tally
    await relay(link.socket, { id, chat, message: proto.Message.decode(message) }, { groups, tally })
    if (isCurrent(entry, link)) expect(entry, link, timeouts.ack, 'WhatsApp did not confirm a message in time')
  }

  /** Prepares another relay of a message that WhatsApp may have; false if it must not be relayed. @param {Entry} entry @param {Link} link */
  async function mayRelayAgain({ command }, { socket }) {
    const { id, chat, onDoubt } = command
    const message = sent.find(id)
    if (message?.state !== SENT_STATE.prepared) return false
    if (onDoubt === 'fail' || isLate(command) || message.attempts >= MAX_ATTEMPTS) {
      fail(id, 'in-doubt')
      return false
    }
    sent.countAttempt(id)
    // The last stanza may have brought members the sender key, and may be lost.
    if (isGroup(chat)) await rememberKeysGiven(socket, chat, null)
    return true
  }

  /** @param {Entry} entry @param {Link} link @param {any} error */
  async function failed(entry, link, error) {
    const { chat } = entry.command
    if (!isCurrent(entry, link)) return // The next link relays it again.
    const { tally } = entry
    log.warning('relay_failed', harmless(error))
    if (!link.socket.ws.isOpen || isConnectionError(error)) return // It may have been written. The end of the link follows.
    clearTimeout(entry.timer)
    entry.tally = null // The stanza is the last that Baileys writes.
    if (isNobody(error)) return await leaveOut(entry, link, tally)
    if (isNoMember(error, chat)) return giveUp(entry, 'rejected', `the account is no member of it (${error.data})`)
    if (isUnanswered(error) && !(await isAnswering(link.socket))) return link.end('WhatsApp answers no queries')
    if (isCurrent(entry, link)) await tryLater(entry, textOf(error))
  }

  /** Relays a message once more after a pause. It fails if it had all of them. @param {Entry} entry @param {string} cause */
  async function tryLater(entry, cause) {
    const pause = pauses[entry.errors]
    if (pause === undefined) return giveUp(entry, 'rejected', cause)
    entry.errors += 1
    entry.isPaused = true
    await delay(pause * 1000, undefined, { ref: false })
    entry.isPaused = false
    release(entry)
  }

  /**
   * Nobody of those who need a copy of their own could be encrypted for. A group can do without the devices that lack keys:
   * they ask for the message once they can read again.
   * @param {Entry} entry
   * @param {Link} link
   * @param {import('./sealing.js').Tally | null} tally
   */
  async function leaveOut(entry, link, tally) {
    const { chat } = entry.command
    const given = isGroup(chat) ? await keysGivenIn(link.socket, chat) : {}
    if (Object.keys(given).length === 0 || entry.hasSkipped) return giveUp(entry, 'no-device')
    entry.hasSkipped = true
    const skipped = Object.fromEntries([...(tally?.failed ?? [])].map(jid => [jid, true]))
    await rememberKeysGiven(link.socket, chat, { ...given, ...skipped })
    release(entry)
  }

  /** @param {Entry} entry @param {Link} link @param {number} seconds @param {string} cause */
  function expect(entry, link, seconds, cause) {
    clearTimeout(entry.timer)
    entry.timer = setTimeout(() => {
      if (!entry.tally?.hasSealed) entry.errors += 1
      link.end(cause)
    }, seconds * 1000)
  }

  /** Whether the message still waits, on this link. @param {Entry} entry @param {Link} link */
  const isCurrent = (entry, link) => entry.link === link && entries.get(entry.command.id) === entry

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
  const giveUp = (entry, code, cause) => fail(entry.command.id, entry.isDoubtful ? 'in-doubt' : code, cause)

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
