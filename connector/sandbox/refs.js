// @ts-check
/** The refs that one socket got to show as codes, and which of them is being shown now. */

import { randomBytes } from 'node:crypto'

/** Seconds that each code is shown: the first of a socket longer than the others (Baileys, Socket/socket.ts). */
export const QR_LIFETIMES = [60, 20]
export const REF_COUNT = 6

/** Milliseconds that a code is still good after its time: the client starts its clock a little after the server. */
const GRACE = 500
/** Milliseconds that a code is already good before its time: the schedule begins when the confirmation is here, and that takes a busy client a while. */
const EARLY = 500
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
   * The client has confirmed the refs: it shows the first one from now on.
   * @param {number} now
   */
  confirm(now) {
    this.#startedAt = Math.min(now, this.#sentAt + CONFIRMATION_WITHIN)
  }

  /**
   * Whether a phone that looks at the client's screen now could see this ref.
   * @param {string} text
   * @param {number} now
   */
  isShown(text, now) {
    const span = this.spans.find(span => span.text === text)
    const since = now - this.#startedAt
    return span !== undefined && since >= span.start - EARLY && since < span.end + GRACE
  }
}
