// @ts-check
/** Refs of one socket, which its device shows as codes, and the ref that is shown now. */

import { randomBytes } from 'node:crypto'

/** Time for which each code is shown: the first one of a socket longer than the others (Baileys, Socket/socket.ts). */
export const QR_LIFETIMES_SECONDS = [60, 20]
export const REF_COUNT = 6

/** Time for which a code is valid after its turn: the timers of a busy client fire a little late. */
const LATE_SCAN_GRACE_MS = 500
/** Longest delay of a busy client before its first code. Its confirmation starts the schedule again. */
const MAX_CONFIRMATION_DELAY_MS = 2000

export class Refs {
  #sentAt
  #startedAt

  /**
   * @param {object} schedule
   * @param {number} schedule.count
   * @param {number[]} schedule.lifetimes seconds; the last one counts for all that follow
   * @param {number} sentAt `performance.now()`
   */
  constructor({ count, lifetimes }, sentAt) {
    /** The refs as they are sent. */
    this.texts = Array.from({ length: count }, () => `2@${randomBytes(33).toString('base64')}`)
    this.#sentAt = this.#startedAt = sentAt
    let start = 0
    this.spans = this.texts.map((text, index) => {
      const end = start + 1000 * (lifetimes[Math.min(index, lifetimes.length - 1)] ?? 0)
      const span = { text, start, end }
      start = end
      return span
    })
  }

  /**
   * The client has confirmed the refs: it began to show the first one between `sentAt` and now.
   * @param {number} now
   */
  confirm(now) {
    this.#startedAt = Math.min(now, this.#sentAt + MAX_CONFIRMATION_DELAY_MS)
  }

  /** @param {string} text */
  has(text) {
    return this.texts.includes(text)
  }

  /**
   * Why a phone that looks at the client's screen cannot see this ref now; null if it can.
   *
   * A confirmation may have lain unread for a while: a turn can begin as early as the refs were sent, and can
   * end as late as they were confirmed.
   * @param {string} text one of ours
   * @param {number} now
   */
  whyNotShown(text, now) {
    const { start = 0, end = 0 } = this.spans.find(span => span.text === text) ?? {}
    const wait = this.#sentAt + start - now
    if (wait > 0) return `its turn comes in ${Math.ceil(wait)} ms`
    const late = now - this.#startedAt - end
    return late < LATE_SCAN_GRACE_MS ? null : `its turn ended ${Math.floor(late)} ms ago`
  }
}
