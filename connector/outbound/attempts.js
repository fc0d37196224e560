// @ts-check
/**
 * Attempts: one relay of a message over a link each, and what follows if it fails.
 *
 * Another attempt at a message that WhatsApp may have goes out under the same id, after all that waited for this device has come.
 */

import { setTimeout as delay } from 'node:timers/promises'
import { proto } from 'baileys'
import { harmless } from '../process/logger.js'
import { isLate } from './deadlines.js'
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
 * @typedef {object} Queue what the sender does with the message of an attempt
 * @property {(entry: Entry, link: Link) => boolean} isCurrent whether the message still waits, on this link
 * @property {(entry: Entry) => void} release the message may be relayed on another link, or once more on this one
 * @property {(id: string, code: FailureCode, cause?: string) => void} fail
 * @property {(entry: Entry, code: FailureCode, cause?: string) => void} giveUp the message cannot be relayed
 */

/**
 * @param {object} parts
 * @param {import('./sent.js').Sent} parts.sent
 * @param {import('./group_cache.js').GroupCache} parts.groups
 * @param {(chat: string) => boolean} parts.isOwnChat
 * @param {(socket: WASocket, chat: string, seconds: number) => Promise<void>} parts.showTyping
 * @param {import('../process/logger.js').Log} parts.log
 * @param {typeof SEND_TIMEOUT_SECONDS} [parts.timeouts]
 * @param {readonly number[]} [parts.pauses] seconds
 * @param {Queue} queue
 */
export function createAttempts({ sent, groups, isOwnChat, showTyping, log, ...options }, queue) {
  const { timeouts = SEND_TIMEOUT_SECONDS, pauses = PAUSE_SECONDS } = options
  const { isCurrent, release, fail, giveUp } = queue

  /** Begins an attempt. @param {Entry} entry @param {Link} link */
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

  return { begin }
}
