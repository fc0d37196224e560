// @ts-check
/**
 * Reports of a session to the front about its socket. Each method first changes the state, then sends or spools an event.
 *
 * A spooled event and the writes that belong to it are one transaction.
 */

import { uptime } from 'node:os'
import {
  messageSkipped,
  opened,
  paired,
  pairingCodeAwaited,
  pairingCodeWithdrawn,
  qrIssued,
  scanRefused,
  typing
} from '../ipc/events.js'

/** @typedef {import('./baileys_errors.js').Ending} Ending */
/** @typedef {ReturnType<typeof openSessionReports>} SessionReports */

/**
 * @typedef {object} Parts
 * @property {Pick<import('../storage/database.js').ConnectorDatabase, 'facts' | 'transaction'>} database
 * @property {Pick<import('../storage/credentials.js').Credentials, 'save' | 'isPaired' | 'account'>} credentials
 * @property {Pick<import('./server_identity.js').ServerIdentity, 'remember'>} server
 * @property {Pick<import('../ipc/front_channel.js').FrontChannel, 'send' | 'spool' | 'deliver'>} front
 * @property {import('../process/logger.js').Log} log
 */

/**
 * @param {Parts} parts
 * @param {import('./session_state.js').SessionState} state
 */
export function openSessionReports({ database, credentials, server, front, log }, state) {
  /** When the account was first open. Boot clock, seconds; -Infinity: in an earlier process; null: never. @type {number | null} */
  let firstOpenedAt = database.facts.get('opened') ? -Infinity : null

  /**
   * Delivers an event that must not be lost, after it and `write` are on the disk together.
   * @param {import('../ipc/events.js').Event} event
   * @param {() => void} [write]
   */
  function spool(event, write = () => {}) {
    database.transaction(() => {
      write()
      front.spool(event)
    })
    front.deliver()
  }

  /** For the socket, which calls these. */
  const onSocket = {
    /** @param {import('../ipc/events.js').Qr} qr @param {boolean} [isRefresh] */
    qrShown(qr, isRefresh) {
      state.showQr(qr)
      log.info('qr_issued', { ordinal: qr.ordinal, lifetime: qr.lifetime })
      front.send(qrIssued(qr, state.version, isRefresh))
    },

    /** @param {number} until boot clock, seconds */
    codesUsedUp(until) {
      state.awaitPairingCode(until)
      front.send(pairingCodeAwaited(until))
    },

    pairingCodeWithdrawn() {
      front.send(pairingCodeWithdrawn())
    },

    /** @param {string} child tag of the notification */
    registrationRefreshed(child) {
      log.info('registration_refreshed', { child, phase: state.phase })
    },

    /** The code can be scanned again. @param {Ending} why */
    scanRefused(why) {
      state.reason = why
      log.info('scan_refused', { code: why.code })
      front.send(scanRefused(why))
    },

    /** Saves the credentials. The first ones that have an account end the pairing. */
    credentialsChanged() {
      if (!state.isUnpaired || !credentials.isPaired()) return credentials.save()
      state.clearCodes()
      state.setPhase('pairing')
      spool(paired(credentials.account()), () => {
        credentials.save()
        server.remember()
      })
    },

    opened() {
      firstOpenedAt ??= uptime()
      state.reason = null
      state.setPhase('open')
      spool(opened(credentials.account(), state.version), () => {
        database.facts.set('opened', 1)
        server.remember()
      })
    },

    /** @param {number} times */
    messageSkipped(times) {
      log.warning('message_skipped', { times })
      spool(messageSkipped(times))
    },

    /** Nothing keeps it: it is true for some seconds. @param {import('../messages/typing.js').Typed} typed */
    typed(typed) {
      front.send(typing(typed))
    }
  }
  return { onSocket, spool, firstOpenedAt: () => firstOpenedAt }
}
