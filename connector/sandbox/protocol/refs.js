// @ts-check
/** The refs that one socket got to show as codes, and which of them is being shown now. */

import { randomBytes } from 'node:crypto'

/** Seconds that each code is shown: the first of a socket longer than the others (Baileys, Socket/socket.ts). */
export const QR_LIFETIMES = [60, 20]
export const REF_COUNT = 6

/** Milliseconds that a code is still good after its time: the timers of a busy client fire a little late. */
const GRACE = 500
/** Milliseconds by which a busy client may show its first code late: its confirmation starts the schedule anew. */
const CONFIRMATION_WITHIN = 2000

export class Refs {
  #sentAt
  #startedAt

  /**
   * @param {object} schedule
   * @param {number} schedule.count
   * @param {number[]} schedule.lifetimes seconds; the last one goes for all that follow
   * @param {number} sentAt `performance.now()`
   */
  constructor({ count, lifetimes }, sentAt) {
    /** What the client shows, as it is sent. */
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
    this.#startedAt = Math.min(now, this.#sentAt + CONFIRMATION_WITHIN)
  }

  /** @param {string} text */
  has(text) {
    return this.texts.includes(text)
  }

  /**
   * Why a phone that looks at the client's screen now cannot see this ref; null where it can.
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
    return late < GRACE ? null : `its turn ended ${Math.floor(late)} ms ago`
  }
}
