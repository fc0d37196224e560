// @ts-check
/** Time at which a paired session opens its next socket: after the pause for its last ending, or at once with another version. */

import { uptime } from 'node:os'
import { createBackoff } from './backoff.js'
import { pauseAfter } from './baileys_errors.js'
import { createVersionWait } from './version_wait.js'

/**
 * Longest timer of a wait. A timer of Node ends after 24 days at most, and stands still while the host sleeps: a long wait
 * is checked again.
 */
const MAX_TIMER_SECONDS = 60

/** @typedef {import('./baileys_errors.js').Ending} Ending */

export class ReconnectSchedule {
  #open
  #backoff = createBackoff()
  #versionWait = createVersionWait()
  /** When the present connection opened: boot clock, seconds. */
  #openSince = Infinity
  /** @type {NodeJS.Timeout | undefined} */
  #timer

  /** @param {() => void} open called when it is time */
  constructor(open) {
    this.#open = open
  }

  /** Whether the session is between two sockets. */
  isWaiting() {
    return this.#timer !== undefined
  }

  /** Stops waiting. */
  cancel() {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** A socket is being opened. */
  begin() {
    this.cancel()
    this.#openSince = Infinity
    this.#versionWait.end()
  }

  /** The connection is open. */
  opened() {
    this.#openSince = uptime()
    this.#versionWait.forget()
  }

  /**
   * Schedules the next socket after an ending.
   * @param {Ending} how
   * @param {{used: string | null, next: string | null}} version that the last socket announced, and that the next one will
   * @returns {number} seconds until then
   */
  schedule(how, { used, next }) {
    if (how.code === 'version-rejected') this.#versionWait.begin(used)
    const pause = this.#pauseAfter(how, next)
    this.#openAt(uptime() + pause)
    return pause
  }

  /** Opens at once if the last login was refused for another version than this one. @param {string | null} version */
  tryVersion(version) {
    if (this.#versionWait.isOverWith(version)) this.#open()
  }

  /** Another front has said hello: a session that waits for a version tries again soon. */
  tryForFront() {
    const pause = this.#versionWait.pauseForFront()
    if (pause !== null) this.#openAt(uptime() + pause)
  }

  /** Seconds. The front may have named another version during the refused try. @param {Ending} how @param {string | null} next */
  #pauseAfter(how, next) {
    if (this.#versionWait.isOverWith(next)) return 0
    return how.waitFor ?? this.#backoff.next(uptime() - this.#openSince, pauseAfter(how))
  }

  /** @param {number} moment boot clock, seconds */
  #openAt(moment) {
    clearTimeout(this.#timer)
    const left = moment - uptime()
    const check = () => (left > MAX_TIMER_SECONDS ? this.#openAt(moment) : this.#open())
    this.#timer = setTimeout(check, Math.min(left, MAX_TIMER_SECONDS) * 1000)
  }
}
