// @ts-check
/**
 * One WhatsApp account as this process acts for it. It opens one socket after the other, until it has nothing left to do.
 *
 * It opens no socket before a front says hello. The hello names the version, the proxy and the account whose credentials
 * should be here: a registration after lost credentials would throw the account away. An unpaired session has one socket in
 * its life. A paired one reconnects by itself until a person is needed.
 */

import { EXIT } from '../process/exit_codes.js'
import { closed, pairingCodeIssued, pairingCodeRefused } from '../ipc/events.js'
import { Connection } from './connection.js'
import { createEndingHandler } from './ending_handler.js'
import { ending } from './baileys_errors.js'
import { refusalOf } from './hello_check.js'
import { openSessionReports } from './session_reports.js'
import { SessionState } from './session_state.js'
import { WhatsAppSocket } from './socket.js'

/** Seconds without a frame from or to WhatsApp after which a session is idle. */
const IDLE_AFTER_SECONDS = 10

/** @typedef {import('./baileys_errors.js').Ending} Ending */
/** @typedef {import('./link_options.js').LinkOptions} LinkOptions */
/** @typedef {import('../ipc/commands.js').Hello} Hello */

/**
 * @typedef {object} Parts
 * @property {import('../settings.js').Settings} settings
 * @property {import('../storage/database.js').ConnectorDatabase} database
 * @property {import('../storage/credentials.js').Credentials} credentials
 * @property {Pick<import('./server_identity.js').ServerIdentity, 'current' | 'linked' | 'remember'>} server
 * @property {Pick<import('../storage/spool.js').Spool, 'after'>} spool
 * @property {import('../messages/dedup.js').Dedup} dedup
 * @property {import('../messages/skipped.js').SkipCounter} skipped
 * @property {import('../outbound/outbound.js').Outbound} outbound
 * @property {Pick<ReturnType<typeof import('../storage/retention.js').openRetention>, 'keepFor'>} retention
 * @property {Pick<import('../ipc/front_channel.js').FrontChannel, 'send' | 'spool' | 'deliver' | 'hasAcknowledgedAll'>} front
 * @property {import('../process/logger.js').Log} log
 * @property {import('../process/memory_release.js').MemoryRelease} [release]
 * @property {(code: number) => void} exit
 * @property {import('./connection.js').OpenSocket} [openSocket]
 * @property {import('../network/proxy_agent.js').Tunnel} [tunnel] through which sockets are opened, in place of any proxy
 */

export class Session {
  #parts
  #state
  #reports
  #endings
  /** @type {Connection} */
  #connection
  /** Whether this process started with an account. */
  #wasPaired
  /** Set once a front has requested a logout. @type {Promise<void> | null} */
  #logoutInProgress = null
  #isEnding = false
  /** The front that said hello last. @type {string | null} */
  #front = null

  /** @param {Parts} parts */
  constructor({ openSocket, tunnel, ...parts }) {
    this.#parts = parts
    this.#state = new SessionState(parts.log)
    this.#reports = openSessionReports(parts, this.#state)
    this.#wasPaired = parts.credentials.isPaired()
    this.#endings = createEndingHandler(parts, {
      state: this.#state,
      reports: this.#reports,
      connection: () => this.#connection,
      wasPaired: this.#wasPaired,
      exit: code => this.#exit(code)
    })
    this.#connection = new Connection(
      openSocket ?? ((options, listener) => new WhatsAppSocket(parts.settings, options, parts, listener, { tunnel })),
      { ...this.#reports.onSocket, ended: how => this.#endings.ended(how) },
      this.#state
    )
  }

  /** Sets the first phase. The session then waits for a hello. */
  start() {
    if (this.#wasPaired) this.#state.setPhase(this.#reports.firstOpenedAt() === null ? 'pairing' : 'reconnecting')
  }

  /** @param {Pick<Hello, 'front' | 'have' | 'account' | 'link' | 'mayRegister' | 'retention'>} hello */
  receiveHello(hello) {
    if (this.#isEnding) return
    if (hello.retention) this.#parts.retention.keepFor(hello.retention)
    const refusal = refusalOf(hello, this.#parts, { wasPaired: this.#wasPaired })
    if (refusal) return this.#refuse(refusal)
    const isOtherFront = hello.front !== this.#front
    this.#front = hello.front
    if (hello.link) this.#setLinkOptions(hello.link)
    else if (!this.#connection.hasOptions) return this.#parts.log.warning('hello_of_older_front')
    if (this.#isEnding) return
    if (!this.#connection.socket) return this.#connectIfAllowed(hello)
    if (isOtherFront) this.#connection.tryForFront()
  }

  /** @returns {import('../ipc/events.js').Snapshot} */
  snapshot() {
    return this.#state.snapshot(this.#parts.credentials.account())
  }

  /** @param {import('../ipc/front_channel.js').SessionCommand} command */
  execute(command) {
    if (command.command === 'close') this.#sleep()
    else if (command.command === 'logout') this.#logOut()
    else if (command.command === 'pair_by_code') void this.#pairByCode(command)
    else if (command.command === 'set_link') this.#setLinkOptions(command.link)
    else if (this.#parts.credentials.isPaired()) this.#parts.outbound.take(command)
  }

  /** Fails a message that this version cannot send. @param {{id: string, chat: string}} message */
  refuse(message) {
    if (this.#parts.credentials.isPaired()) this.#parts.outbound.refuse(message)
  }

  /** Ends the process. The account stays linked. */
  stop() {
    this.#connection.close()
    this.#exit(EXIT.done)
  }

  /** Whether the process can be replaced now: nothing is lost, and no command waits. */
  isIdle() {
    return (
      this.#state.phase === 'open' &&
      !this.#logoutInProgress &&
      this.#parts.front.hasAcknowledgedAll() &&
      this.#parts.outbound.isIdle() &&
      (this.#connection.socket?.idleFor() ?? 0) >= IDLE_AFTER_SECONDS
    )
  }

  /** Seconds since the message began that is handled now; 0 if no message is handled. */
  headAge() {
    return this.#connection.socket?.headAge() ?? 0
  }

  /** Ends the process, so that a fresh and smaller one takes its place. */
  recycle() {
    this.#connection.close()
    this.#reports.spool(closed(ending('recycled'), 0, this.#state.version))
    this.#exit(EXIT.recycle)
  }

  /** @param {NonNullable<ReturnType<typeof refusalOf>>} refusal */
  #refuse(refusal) {
    const { log, server, credentials } = this.#parts
    if (refusal === 'other_server') log.error('other_server', { linked: server.linked(), current: server.current })
    if (refusal === 'credentials_lost') log.error('credentials_lost', { paired: credentials.isPaired() })
    this.#connection.close()
    this.#exit({ other_server: EXIT.otherServer, credentials_lost: EXIT.lost, logged_out: EXIT.done }[refusal])
  }

  /** The socket of an unpaired session registers a device. @param {Pick<Hello, 'mayRegister'>} hello */
  #connectIfAllowed({ mayRegister = true }) {
    if (mayRegister || this.#parts.credentials.isPaired()) return this.#connection.open()
    this.#parts.log.info('registration_not_allowed')
    this.stop()
  }

  /** @param {number} code */
  #exit(code) {
    this.#isEnding = true
    this.#connection.cancel()
    this.#parts.exit(code)
  }

  /** Ends an unpaired socket, and its codes, if its device name or its proxy is out of date. @param {LinkOptions} next */
  #setLinkOptions(next) {
    const changed = this.#connection.setOptions(next)
    if (!changed || this.#isEnding || this.#logoutInProgress) return
    if (!this.#parts.credentials.isPaired()) {
      if (changed.proxy || changed.deviceName) this.stop()
    } else if (changed.proxy) this.#reopen()
    else this.#connection.tryVersion()
  }

  /** Connects at once with the present options. A process that has just paired ends by itself; the next one has them. */
  #reopen() {
    if (!this.#wasPaired) return
    this.#connection.close()
    this.#state.reason = ending('proxy-changed')
    this.#state.setPhase('reconnecting')
    this.#reports.spool(closed(this.#state.reason, 0, this.#state.version))
    this.#connection.open()
  }

  #sleep() {
    if (this.#parts.credentials.isPaired())
      return this.#parts.log.warning('close_ignored', { phase: this.#state.phase })
    this.stop()
  }

  /** A second request changes nothing. A process that has just paired cannot inform WhatsApp; the next one gets the request again. */
  #logOut() {
    if (this.#parts.credentials.isPaired() && !this.#wasPaired) return
    this.#logoutInProgress ??= this.#unlinkAndForget()
  }

  async #unlinkAndForget() {
    if (this.#connection.isWaiting) this.#connection.open()
    this.#endings.forgetAccount(ending((await this.#isUnlinked()) ? 'asked' : 'asked-unconfirmed'))
  }

  /** Whether WhatsApp has confirmed that it does not list this device any more. */
  async #isUnlinked() {
    if (this.#parts.credentials.isPaired()) return this.#connection.socket?.logout()
    this.#connection.close()
    return true
  }

  /** @param {import('../ipc/commands.js').PairByCode} command */
  async #pairByCode({ request, phoneNumber }) {
    const { front, credentials } = this.#parts
    try {
      if (credentials.isPaired() || !this.#connection.socket) throw ending('already-paired')
      front.send(pairingCodeIssued(request, await this.#connection.socket.requestPairingCode(phoneNumber)))
    } catch (refusal) {
      front.send(pairingCodeRefused(request, /** @type {Ending} */ (refusal)))
    }
  }
}
