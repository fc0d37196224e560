// @ts-check
/** State of a session as the front sees it: its phase, its code, and the reason for its last ending. */

/** @typedef {import('../ipc/events.js').Phase} Phase */

/** Phases before a phone has scanned. @type {ReadonlySet<Phase>} */
const UNPAIRED_PHASES = new Set(['connecting', 'qr', 'pairing_code'])

export class SessionState {
  #log
  /** @type {Phase} */
  #phase = 'connecting'
  /** @type {import('../ipc/events.js').Qr | null} */
  #qr = null
  /** After all QR codes were shown: the moment until which a pairing code can be typed. Boot clock, seconds. @type {number | null} */
  #pairingCodeUntil = null
  /** Why the last socket ended. @type {import('./baileys_errors.js').Ending | null} */
  reason = null
  /** Version that the present socket announced, or the last one. @type {string | null} */
  version = null

  /** @param {Pick<import('../process/logger.js').Log, 'info'>} log */
  constructor(log) {
    this.#log = log
  }

  get phase() {
    return this.#phase
  }

  /** Whether no phone has scanned yet. */
  get isUnpaired() {
    return UNPAIRED_PHASES.has(this.#phase)
  }

  /** The only place that assigns the phase. @param {Phase} next */
  setPhase(next) {
    if (next === this.#phase) return
    this.#log.info('phase', { from: this.#phase, to: next })
    this.#phase = next
  }

  /** @param {import('../ipc/events.js').Qr} qr */
  showQr(qr) {
    this.#qr = qr
    this.#pairingCodeUntil = null
    this.setPhase('qr')
  }

  /** @param {number} until boot clock, seconds */
  awaitPairingCode(until) {
    this.#qr = null
    this.#pairingCodeUntil = until
    this.setPhase('pairing_code')
  }

  /** Removes the codes: they belong to a socket that has ended, or a phone has scanned. */
  clearCodes() {
    this.#qr = this.#pairingCodeUntil = null
  }

  /**
   * @param {import('../storage/credentials.js').Account} account
   * @returns {import('../ipc/events.js').Snapshot}
   */
  snapshot(account) {
    return {
      phase: this.#phase,
      qr: this.#qr,
      pairingCodeUntil: this.#pairingCodeUntil,
      reason: this.reason,
      ...account
    }
  }
}
