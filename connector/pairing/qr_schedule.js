// @ts-check
/** Schedule of the QR codes of one socket: the refs of WhatsApp, shown one after the other, on the boot clock. */

import { uptime } from 'node:os'

/** Time for which each code is shown, as in WhatsApp Web (whatsmeow, qrchan.go; whatsapp-rust, src/pair.rs). */
const FIRST_QR_LIFETIME_SECONDS = 60
const NEXT_QR_LIFETIME_SECONDS = 20

/** @typedef {import('../ipc/events.js').Qr} Qr */

/**
 * @param {object} options
 * @param {(ref: string) => string} options.textOf the text of a code, with the present credentials
 * @param {(qr: Qr) => void} options.shown called with each code, and again when its text has changed
 * @param {() => void} options.usedUp called when the time of the last code is over
 * @param {number} [options.lifetime] seconds, for every code
 * @param {() => number} [options.now] seconds since boot
 */
export function createQrSchedule({ textOf, shown, usedUp, lifetime, now = uptime }) {
  /** @type {string[]} refs that were not shown yet */
  let refs = []
  /** How many codes this socket has shown. */
  let count = 0
  /** The code that is shown. @type {{ref: string, qr: Qr} | null} */
  let present = null
  /** @type {NodeJS.Timeout | undefined} */
  let timer

  /** @param {number} seconds */
  function showNext(seconds) {
    const ref = refs.shift()
    if (ref === undefined) {
      present = null
      return usedUp()
    }
    count += 1
    timer = setTimeout(showNext, seconds * 1000, lifetime ?? NEXT_QR_LIFETIME_SECONDS)
    present = { ref, qr: { ordinal: count, payload: textOf(ref), issuedAt: now(), lifetime: seconds } }
    shown(present.qr)
  }

  return {
    /** Shows these from now on. A second set replaces the first. @param {string[]} received */
    take(received) {
      clearTimeout(timer)
      refs = [...received]
      showNext(lifetime ?? FIRST_QR_LIFETIME_SECONDS)
    },
    /** Shows the present code again if the credentials give it another text. Its time stays the same. */
    renew() {
      if (!present) return
      const { ref, qr } = present
      const payload = textOf(ref)
      if (payload === qr.payload) return
      present = { ref, qr: { ...qr, payload } }
      shown(present.qr)
    },
    /** Shows no code any more. */
    stop() {
      clearTimeout(timer)
      refs = []
      present = null
    }
  }
}
