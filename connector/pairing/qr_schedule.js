// @ts-check
/** The QR codes of one socket: the refs that WhatsApp gave it, shown one after the other, on the boot clock. */

import { uptime } from 'node:os'

/** Seconds that each code is shown, as WhatsApp Web does it (whatsmeow, qrchan.go; whatsapp-rust, src/pair.rs). */
const FIRST_LIFETIME = 60
const NEXT_LIFETIME = 20

/** @typedef {import('../ipc/events.js').Qr} Qr */

/**
 * @param {object} options
 * @param {(ref: string) => string} options.textOf the text of a code, as the credentials are now
 * @param {(qr: Qr) => void} options.shown called with each code, and again when its text has changed
 * @param {() => void} options.usedUp called when the last code has had its time
 * @param {number} [options.lifetime] seconds, for every code
 * @param {() => number} [options.now] seconds since boot
 */
export function createCodes({ textOf, shown, usedUp, lifetime, now = uptime }) {
  /** @type {string[]} refs that were not shown yet */
  let refs = []
  /** How many codes this socket has shown. */
  let count = 0
  /** What is shown. @type {{ref: string, qr: Qr} | null} */
  let present = null
  /** @type {NodeJS.Timeout | undefined} */
  let timer

  /** @param {number} seconds */
  function next(seconds) {
    const ref = refs.shift()
    if (ref === undefined) {
      present = null
      return usedUp()
    }
    count += 1
    timer = setTimeout(next, seconds * 1000, lifetime ?? NEXT_LIFETIME)
    present = { ref, qr: { ordinal: count, payload: textOf(ref), issuedAt: now(), lifetime: seconds } }
    shown(present.qr)
  }

  return {
    /** Shows these from now on. A second set replaces the first. @param {string[]} received */
    take(received) {
      clearTimeout(timer)
      refs = [...received]
      next(lifetime ?? FIRST_LIFETIME)
    },
    /** Shows the present code again if the credentials give it another text. Its time stays as it is. */
    renew() {
      if (!present) return
      const { ref, qr } = present
      const payload = textOf(ref)
      if (payload === qr.payload) return
      present = { ref, qr: { ...qr, payload } }
      shown(present.qr)
    },
    /** Shows nothing any more. */
    stop() {
      clearTimeout(timer)
      refs = []
      present = null
    }
  }
}
