// @ts-check
/** Pairing on one socket: QR codes, and pairing codes, which can be typed longer than QR codes are shown. */

import { uptime } from 'node:os'
import { createQrSchedule } from './qr_schedule.js'
import { qrText, receiveRefs } from './pair_device.js'
import { createPairingCodes } from './pairing_codes.js'
import { openRegistrationRefresh } from './registration_refresh.js'

/**
 * Seconds from the refs until WhatsApp ends a socket on which no phone was linked. Others measured it in 2023 (whatsmeow
 * #430). WhatsApp Web leaves the socket open until then (whatsapp-rust #1163).
 */
const UNPAIRED_SOCKET_LIFETIME_SECONDS = 210

/** Seconds that WhatsApp may be late with that. */
const SOCKET_END_GRACE_SECONDS = 10

/** @typedef {import('../session/baileys_errors.js').Ending} Ending */
/** @typedef {import('../ipc/events.js').Qr} Qr */
/** @typedef {ReturnType<typeof openPairing>} Pairing */

/**
 * @typedef {object} PairingListener
 * @property {(qr: Qr, isRefresh?: boolean) => void} qrShown again with the same ordinal if the text of a code has changed; isRefresh:
 *   because WhatsApp retired its secret
 * @property {(child: string) => void} registrationRefreshed WhatsApp retired the secret of the codes; a new one is saved
 * @property {(until: number) => void} codesUsedUp a pairing code can still be typed; until: boot clock, seconds
 * @property {() => void} pairingCodeWithdrawn the newest pairing code cannot be typed any more
 * @property {() => void} exhausted no code is left that a phone could link with
 */

/**
 * @param {import('baileys').WASocket} socket that was just made
 * @param {import('../storage/credentials.js').Credentials} credentials
 * @param {object} options
 * @param {number | undefined} options.qrLifetime seconds, for every code; undefined: as WhatsApp Web shows them
 * @param {Promise<Ending>} options.over the ending of the socket
 * @param {PairingListener} listener
 */
export function openPairing(socket, credentials, { qrLifetime, over }, listener) {
  const firstQr = Promise.withResolvers()
  firstQr.promise.catch(() => {})
  void over.then(firstQr.reject)
  /** When WhatsApp ends the socket if no phone is linked: boot clock, seconds. */
  let endsAt = 0
  let areCodesUsedUp = false
  let isStopped = false
  /** Whether the present code is shown again because WhatsApp retired its secret. */
  let isRefresh = false
  /** @type {NodeJS.Timeout | undefined} */
  let endTimer

  const schedule = createQrSchedule({
    lifetime: qrLifetime,
    textOf: ref => qrText(ref, credentials.state.creds),
    shown: qr => {
      listener.qrShown(qr, isRefresh)
      firstQr.resolve(undefined)
    },
    usedUp: awaitPairingCode
  })
  const pairingCodes = createPairingCodes(socket, credentials, { over, withdrawn: withdrawPairingCode })
  const registrationRefresh = openRegistrationRefresh(socket.ws, credentials, child => {
    listener.registrationRefreshed(child)
    isRefresh = true
    schedule.renew()
    isRefresh = false
  })
  receiveRefs(socket, takeRefs)
  socket.ws.on('CB:xmlstreamend', () => areCodesUsedUp && listener.exhausted())

  /** An empty set counts as no set. @param {string[]} refs */
  function takeRefs(refs) {
    if (refs.length === 0 || isStopped || credentials.isPaired()) return
    clearTimeout(endTimer)
    endsAt = uptime() + UNPAIRED_SOCKET_LIFETIME_SECONDS
    areCodesUsedUp = false
    schedule.take(refs)
  }

  /** The last QR code was shown. A pairing code can be typed as long as WhatsApp leaves the socket open. */
  function awaitPairingCode() {
    areCodesUsedUp = true
    if (endWithoutCodes()) return
    listener.codesUsedUp(endsAt)
    endTimer = setTimeout(listener.exhausted, (Math.max(endsAt - uptime(), 0) + SOCKET_END_GRACE_SECONDS) * 1000)
  }

  /** WhatsApp Web would request another code at once. Here the next request of a client does. */
  function withdrawPairingCode() {
    listener.pairingCodeWithdrawn()
    if (areCodesUsedUp) endWithoutCodes()
  }

  /** Reports the end, unless a phone has linked or may still type a code. Returns whether it did. */
  function endWithoutCodes() {
    if (isStopped || pairingCodes.isAwaited() || credentials.isPaired()) return false
    listener.exhausted()
    return true
  }

  function stop() {
    isStopped = true
    clearTimeout(endTimer)
    schedule.stop()
    registrationRefresh.stop()
  }

  return {
    /**
     * A code to type on the phone. WhatsApp accepts the request only on a socket that has its QR codes.
     * @param {string} phoneNumber
     * @param {number} [timeout] seconds until WhatsApp must have answered
     * @returns {Promise<{code: string, issuedAt: number, lifetime: number}>} rejected with an Ending
     */
    async requestPairingCode(phoneNumber, timeout) {
      await firstQr.promise
      try {
        const code = await pairingCodes.request(phoneNumber, timeout)
        const issuedAt = uptime()
        return { code, issuedAt, lifetime: Math.round(Math.max(endsAt - issuedAt, 0) * 100) / 100 }
      } finally {
        if (areCodesUsedUp) setImmediate(endWithoutCodes) // The refusal is reported first.
      }
    },
    /** The credentials have changed, and are on the disk. */
    credentialsChanged() {
      if (credentials.isPaired()) stop()
      else schedule.renew()
    },
    /** Shows no code any more. */
    stop
  }
}
