// @ts-check
/** Handler of endings: carries out the consequence after the socket of a session has ended. */

import { uptime } from 'node:os'
import { EXIT } from '../process/exit_codes.js'
import { closed, loggedOut, qrsExhausted } from '../ipc/events.js'
import { consequenceOf } from './ending_consequence.js'

/** @typedef {import('./baileys_errors.js').Ending} Ending */

/**
 * @typedef {object} Parts
 * @property {Pick<import('../storage/database.js').ConnectorDatabase, 'facts'>} database
 * @property {Pick<import('../storage/credentials.js').Credentials, 'isPaired' | 'wipe'>} credentials
 * @property {Pick<import('../outbound/outbound.js').Outbound, 'wipe'>} outbound
 * @property {Pick<import('../ipc/front_channel.js').FrontChannel, 'send'>} front
 * @property {import('../process/logger.js').Log} log
 */

/**
 * @param {Parts} parts
 * @param {object} session
 * @param {import('./session_state.js').SessionState} session.state
 * @param {import('./session_reports.js').SessionReports} session.reports
 * @param {() => import('./connection.js').Connection} session.connection
 * @param {boolean} session.wasPaired whether this process started with an account
 * @param {(code: number) => void} session.exit
 */
export function createEndingHandler({ database, credentials, outbound, front, log }, session) {
  const { state, reports, connection, wasPaired, exit } = session

  function wipe() {
    credentials.wipe()
    outbound.wipe()
  }

  /** Exits. Only a person or a read starts the session again. @param {Ending} how @param {boolean} [wipesKeys] */
  function close(how, wipesKeys = false) {
    state.reason = how
    reports.spool(closed(how, null, state.version), () => {
      if (wipesKeys) wipe()
    })
    exit(EXIT.done)
  }

  /** @param {Ending} how */
  function reconnect(how) {
    const retryIn = connection().openLater(how)
    state.reason = how
    state.setPhase('reconnecting')
    reports.spool(closed(how, retryIn, state.version))
  }

  /** Wipes the credentials: they belong to no account any more. @param {Ending} how */
  function forgetAccount(how) {
    reports.spool(loggedOut(how), () => {
      wipe()
      database.facts.set('opened', 0)
    })
    exit(EXIT.done)
  }

  /** @param {Ending} how */
  function ended(how) {
    state.clearCodes()
    log.info('link_ended', how)
    const past = { isPaired: credentials.isPaired(), wasPaired, firstOpenedAt: reports.firstOpenedAt(), now: uptime() }
    const { action, ending, wipesKeys } = consequenceOf(how, past)
    if (action === 'close') return close(ending, wipesKeys)
    if (action === 'reconnect') return reconnect(ending)
    if (action === 'log_out') return forgetAccount(ending)
    if (action === 'sleep') front.send(qrsExhausted())
    exit(action === 'restart' ? EXIT.restart : EXIT.done)
  }

  return { ended, forgetAccount }
}
