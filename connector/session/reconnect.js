// @ts-check
/** When a paired session opens its next link: after a pause that its last ending asks for, or at once with another version. */

import { uptime } from 'node:os'
import { createBackoff } from './backoff.js'
import { pauseAfter } from './error_reasons.js'
import { createVersionWait } from './version_wait.js'

/** Seconds. A timer of Node's ends after 24 days at most, and stands still while the host sleeps: a long wait is looked at again. */
const LONGEST_TIMER_SECONDS = 60

/** @typedef {import('./error_reasons.js').Ending} Ending */

export class NextLink {
  #open
  #backoff = createBackoff()
  #versionWait = createVersionWait()
  /** When the present link opened: boot clock, seconds. */
  #openSince = Infinity
  /** @type {NodeJS.Timeout | undefined} */
  #timer

  /** @param {() => void} open called when it is time */
  constructor(open) {
    this.#open = open
  }

  /** Whether the session is between two links. */
  isAwaited() {
    return this.#timer !== undefined
  }

  /** A link is being opened, or none will be any more. */
  cancel() {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** A link is being opened. */
  begin() {
    this.cancel()
    this.#openSince = Infinity
    this.#versionWait.end()
  }

  /** The link is open. */
  opened() {
    this.#openSince = uptime()
    this.#versionWait.forget()
  }

  /**
   * The link has ended: the next one follows.
   * @param {Ending} how
   * @param {{used: string | null, next: string | null}} version that the link announced, and that the next one will
   * @returns {number} seconds until then
   */
  schedule(how, { used, next }) {
    if (how.code === 'version-rejected') this.#versionWait.begin(used)
    const pause = this.#pauseAfter(how, next)
    this.#openAt(uptime() + pause)
    return pause
  }

  /** The front has named a version: the wait ends if the last link was refused for another one. @param {string | null} version */
  tryVersion(version) {
    if (this.#versionWait.isOverWith(version)) this.#open()
  }

  /** Another front has said hello: a session that waits for a version tries again soon. */
  tryForFront() {
    const pause = this.#versionWait.pauseForFront()
    if (pause !== null) this.#openAt(uptime() + pause)
  }

  /** Seconds. The front may have named another version while the refused one was tried. @param {Ending} how @param {string | null} next */
  #pauseAfter(how, next) {
    if (this.#versionWait.isOverWith(next)) return 0
    return how.waitFor ?? this.#backoff.next(uptime() - this.#openSince, pauseAfter(how))
  }

  /** @param {number} moment boot clock, seconds */
  #openAt(moment) {
    clearTimeout(this.#timer)
    const left = moment - uptime()
    const look = () => (left > LONGEST_TIMER_SECONDS ? this.#openAt(moment) : this.#open())
    this.#timer = setTimeout(look, Math.min(left, LONGEST_TIMER_SECONDS) * 1000)
  }
}
