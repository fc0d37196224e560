// @ts-check
/** How long each code of a socket is shown: Baileys' schedule (Socket/socket.ts), on the boot clock. */

import { uptime } from 'node:os'

/** Seconds. */
const FIRST_LIFETIME = 60
const NEXT_LIFETIME = 20

/** How many codes WhatsApp gives a socket, where it has not said. */
const USUAL_COUNT = 6

/** @typedef {import('./events.js').Qr} Qr */

/**
 * The codes of one socket.
 * @param {object} options
 * @param {number} [options.lifetime] seconds, for every code
 * @param {() => number} [options.now] seconds since boot
 */
export function createCodes({ lifetime, now = uptime } = {}) {
  let count = USUAL_COUNT
  let ordinal = 0
  let endsAt = 0
  /** @param {number} nth */
  const lifetimeOf = nth => lifetime ?? (nth === 1 ? FIRST_LIFETIME : NEXT_LIFETIME)
  return {
    /** WhatsApp said how many there will be. @param {number} expected */
    expect: expected => void (count = expected),
    /** @param {string} payload @returns {Qr} */
    issue(payload) {
      ordinal += 1
      const issuedAt = now()
      const following = Array.from({ length: Math.max(count - ordinal, 0) }, (_, index) => lifetimeOf(ordinal + index + 1))
      endsAt = following.reduce((sum, seconds) => sum + seconds, issuedAt + lifetimeOf(ordinal))
      return { ordinal, payload, issuedAt, lifetime: lifetimeOf(ordinal) }
    },
    /** A pairing code lives as long as the socket still has codes to show. @param {string} code */
    asPairingCode(code) {
      const issuedAt = now()
      return { code, issuedAt, lifetime: Math.max(hundredths(endsAt - issuedAt), 0) }
    }
  }
}

/** @param {number} seconds */
const hundredths = seconds => Math.round(seconds * 100) / 100
