// @ts-check
/** What a socket offers until a phone has linked it: QR codes, and pairing codes, which outlive them. */

import { uptime } from 'node:os'
import { createCodes } from './qr_schedule.js'
import { qrText, receiveRefs } from './pair_device.js'
import { createPairingCodes } from './pairing_codes.js'
import { openRegistrationRefresh } from './registration_refresh.js'

/**
 * Seconds after the refs came at which WhatsApp ends a socket on which nobody was linked. Measured by others in 2023
 * (whatsmeow #430); WhatsApp Web leaves the socket open until then (whatsapp-rust #1163).
 */
const SOCKET_LIFETIME = 210

/** Seconds that it gets for that. */
const END_GRACE = 10

/** @typedef {import('../session/error_reasons.js').Ending} Ending */
/** @typedef {import('../ipc/events.js').Qr} Qr */
/** @typedef {ReturnType<typeof openLinking>} Linking */

/**
 * @typedef {object} Heard
 * @property {(qr: Qr, isRefresh?: boolean) => void} qrShown again with the same ordinal if the text of a code has changed; isRefresh: since
 *   WhatsApp retired its secret
 * @property {(child: string) => void} registrationRefreshed WhatsApp retired the secret of the codes; a new one is saved
 * @property {(until: number) => void} codesUsedUp a pairing code can still be typed; until: boot clock, seconds
 * @property {() => void} pairingCodeWithdrawn the newest pairing code cannot be typed any more
 * @property {() => void} exhausted there is nothing left that a phone could link with
 */

/**
 * @param {import('baileys').WASocket} socket that was made just now
 * @param {import('../storage/credentials.js').Credentials} credentials
 * @param {object} options
 * @param {number | undefined} options.qrLifetime seconds, for every code; undefined: as WhatsApp Web shows them
 * @param {Promise<Ending>} options.over how the socket ends
 * @param {Heard} heard
 */
export function openLinking(socket, credentials, { qrLifetime, over }, heard) {
  const firstQr = Promise.withResolvers()
  firstQr.promise.catch(() => {})
  void over.then(firstQr.reject)
  /** When WhatsApp ends the socket unless somebody was linked: boot clock, seconds. */
  let endsAt = 0
  let areCodesUsedUp = false
  let isStopped = false
  /** Whether the present code is shown again since WhatsApp retired its secret. */
  let isRefresh = false
  /** @type {NodeJS.Timeout | undefined} */
  let end

  const codes = createCodes({
    lifetime: qrLifetime,
    textOf: ref => qrText(ref, credentials.state.creds),
    shown: qr => {
      heard.qrShown(qr, isRefresh)
      firstQr.resolve(undefined)
    },
    usedUp: useUp
  })
  const pairingCodes = createPairingCodes(socket, credentials, { over, withdrawn: withdrawPairingCode })
  const registrationRefresh = openRegistrationRefresh(socket.ws, credentials, child => {
    heard.registrationRefreshed(child)
    isRefresh = true
    codes.renew()
    isRefresh = false
  })
  receiveRefs(socket, takeRefs)
  socket.ws.on('CB:xmlstreamend', () => areCodesUsedUp && heard.exhausted())

  /** An empty set is none. @param {string[]} refs */
  function takeRefs(refs) {
    if (refs.length === 0 || isStopped || credentials.isPaired()) return
    clearTimeout(end)
    endsAt = uptime() + SOCKET_LIFETIME
    areCodesUsedUp = false
    codes.take(refs)
  }

  /** The last code was shown. The socket stays open for a pairing code, as long as WhatsApp leaves it open. */
  function useUp() {
    areCodesUsedUp = true
    if (endUnlessAwaited()) return
    heard.codesUsedUp(endsAt)
    end = setTimeout(heard.exhausted, (Math.max(endsAt - uptime(), 0) + END_GRACE) * 1000)
  }

  /** WhatsApp Web would ask for another code at once. Here the next request does. */
  function withdrawPairingCode() {
    heard.pairingCodeWithdrawn()
    if (areCodesUsedUp) endUnlessAwaited()
  }

  /** Whether there was nothing left that a phone could link with. */
  function endUnlessAwaited() {
    if (isStopped || pairingCodes.isAwaited() || credentials.isPaired()) return false
    heard.exhausted()
    return true
  }

  function stop() {
    isStopped = true
    clearTimeout(end)
    codes.stop()
    registrationRefresh.stop()
  }

  return {
    /**
     * A code to type on the phone. WhatsApp takes the request only on a socket that has its QR codes.
     * @param {string} phoneNumber
     * @param {number} [within] seconds until WhatsApp has answered
     * @returns {Promise<{code: string, issuedAt: number, lifetime: number}>} rejected with an Ending
     */
    async requestPairingCode(phoneNumber, within) {
      await firstQr.promise
      try {
        const code = await pairingCodes.ask(phoneNumber, within)
        const issuedAt = uptime()
        return { code, issuedAt, lifetime: hundredths(Math.max(endsAt - issuedAt, 0)) }
      } finally {
        if (areCodesUsedUp) setImmediate(endUnlessAwaited) // The refusal is told first.
      }
    },
    /** The credentials have changed, and are on the disk. */
    credentialsChanged() {
      if (credentials.isPaired()) stop()
      else codes.renew()
    },
    /** Offers nothing any more. */
    stop
  }
}

/** @param {number} seconds */
const hundredths = seconds => Math.round(seconds * 100) / 100
