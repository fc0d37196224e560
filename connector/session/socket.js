// @ts-check
/** One socket of Baileys, from connecting to its single ending. Words of Baileys stop here. */

import { setTimeout as delay } from 'node:timers/promises'
import { makeWASocket } from 'baileys'
import { acknowledgeEarly } from '../pairing/early_acks.js'
import { openInbound } from '../messages/inbound.js'
import { listenForTyping } from '../messages/typing.js'
import { monitorFrames } from '../network/frame_monitor.js'
import { catchUnreadable } from '../network/unreadable_frames.js'
import { openPairing } from '../pairing/pairing.js'
import { openTunnelTo } from '../network/proxy_agent.js'
import { routeFetch } from '../network/proxy_fetch.js'
import { harmless } from '../process/logger.js'
import { ending, readEnding } from './baileys_errors.js'
import { cleanDirtyMarks } from './own_queries.js'
import { CONNECT_TIMEOUT_MS, socketConfig } from './socket_config.js'
import { limitClosing, listenForEndings } from './socket_endings.js'
import {
  FIRST_SIGN_TIMEOUT_SECONDS,
  LOGIN_TIMEOUT_SECONDS,
  QUERY_TIMEOUT_SECONDS,
  REOPEN_DELAY_SECONDS,
  RESTART_TIMEOUT_SECONDS,
  ROOM_INTERVAL_SECONDS,
  SILENCE_LIMIT_SECONDS,
  UNLINK_TIMEOUT_SECONDS
} from './socket_limits.js'
import { requestUnlink } from './unlink_request.js'
import { createWatchdog } from './watchdog.js'

/** @typedef {import('./baileys_errors.js').Ending} Ending */
/** @typedef {import('baileys').BinaryNode} Stanza */

/**
 * @typedef {object} ConnectionListener
 * @property {() => void} credentialsChanged they must be on the disk when this returns
 * @property {() => void} opened
 * @property {(why: Ending) => void} scanRefused a phone scanned and cannot link; the code can be scanned again
 * @property {(times: number) => void} messageSkipped a message took too long; times: how often so far
 * @property {(typed: import('../messages/typing.js').Typed) => void} typed somebody types in a chat, or has stopped
 * @property {(ending: Ending) => void} ended
 */
/** Listener of a socket; no call follows `ended`. @typedef {ConnectionListener & Omit<import('../pairing/pairing.js').PairingListener, 'exhausted'>} SocketListener */

export class WhatsAppSocket {
  #tunnel
  #baileys
  #credentials
  #listener
  #pairing
  #watchdog = createWatchdog((/** @type {Ending | null} */ missed) => this.#finish(missed ?? this.#silence()))
  #frames
  #success = Promise.withResolvers()
  /** @type {PromiseWithResolvers<Ending>} */
  #over = Promise.withResolvers()
  #hasAnswered = false
  #skipped
  #reopenDelay
  #queue
  #stopSending
  #stopTyping
  /** @type {NodeJS.Timeout | undefined} */
  #reopenTimer
  /** @type {NodeJS.Timeout | undefined} */
  #roomTimer
  #log
  #hasEnded = false

  /**
   * @param {import('../settings.js').Settings} settings
   * @param {import('./link_options.js').LinkOptions} options
   * @param {object} memory
   * @param {import('../storage/credentials.js').Credentials} memory.credentials
   * @param {import('../messages/dedup.js').Dedup} memory.dedup
   * @param {import('../messages/skipped.js').SkipCounter} memory.skipped
   * @param {Pick<import('../outbound/outbound.js').Outbound, 'config' | 'seal' | 'attach'>} memory.outbound
   * @param {import('../process/logger.js').Log} memory.log
   * @param {import('../process/memory_release.js').MemoryRelease} [memory.release]
   * @param {SocketListener} listener
   * @param {object} [limits] seconds
   * @param {{paired: number, unpaired: number}} [limits.silence] without a frame
   * @param {typeof import('../messages/order.js').HANDLER_TIMEOUT_SECONDS} [limits.handlers] for what Baileys does about one stanza
   * @param {number} [limits.query] for the answer to a query
   * @param {number} [limits.reopenDelay]
   * @param {import('../network/proxy_agent.js').Tunnel} [limits.tunnel] in place of any proxy
   */
  constructor(settings, options, { credentials, dedup, skipped, outbound, log, release }, listener, limits = {}) {
    const { silence = SILENCE_LIMIT_SECONDS, handlers, query = QUERY_TIMEOUT_SECONDS } = limits
    const isPaired = credentials.isPaired()
    this.#credentials = credentials
    this.#listener = listener
    this.#skipped = skipped
    this.#log = log
    this.#reopenDelay = limits.reopenDelay ?? REOPEN_DELAY_SECONDS
    const inbound = openInbound(credentials, dedup, {
      onSkip: stanza => this.#skip(stanza),
      onFull: () => this.#hold(dedup.bound),
      timeouts: handlers,
      seal: outbound.seal
    })
    this.#tunnel = limits.tunnel ?? openTunnelTo(settings.url, options.proxy, CONNECT_TIMEOUT_MS)
    routeFetch(options.proxy)
    this.#baileys = makeWASocket({
      ...socketConfig(settings, options, { isPaired }),
      ...(this.#tunnel && { agent: this.#tunnel.agent, fetchAgent: this.#tunnel.agent }),
      defaultQueryTimeoutMs: query * 1000,
      ...outbound.config,
      ...inbound.config
    })
    catchUnreadable(this.#baileys.ws, error => {
      if (this.#hasEnded) return
      log.warning('frame_unreadable', harmless(error))
      this.#finish(ending('connection-lost', 'a frame could not be read'))
    })
    this.#pairing = this.#openPairing(settings)
    this.#frames = monitorFrames(this.#baileys.ws, {
      limit: isPaired ? silence.paired : silence.unpaired,
      onSilence: () => this.#finish(ending('connection-lost')),
      ...(release && { onFrame: release.note }),
      onceSaved: credentials.onceSaved
    })
    this.#listen()
    this.#queue = inbound.listen(this.#baileys)
    this.#stopSending = outbound.attach(this.#baileys, cause => this.#finish(ending('connection-lost', cause)), query)
    this.#stopTyping = listenForTyping(this.#baileys.ws, credentials, typed => listener.typed(typed))
    cleanDirtyMarks(this.#baileys, log)
    acknowledgeEarly(this.#baileys, credentials.state.creds)
    this.#watchdog.expect(null, FIRST_SIGN_TIMEOUT_SECONDS)
  }

  /** As in pairing.js. @type {import('../pairing/pairing.js').Pairing['requestPairingCode']} */
  requestPairingCode(phoneNumber, timeout) {
    return this.#pairing.requestPairingCode(phoneNumber, timeout)
  }

  /**
   * Unlinks this device, if the connection opens and WhatsApp confirms in time. The listener hears nothing any more.
   * @returns {Promise<boolean>} whether WhatsApp knows
   */
  async logout() {
    if (this.#hasEnded) return false
    this.#mute()
    const isConfirmed = this.#success.promise.then(() => requestUnlink(this.#baileys, this.#credentials.state.creds))
    const isUnlinked = this.#over.promise.then(({ code }) => code === 'logged-out' || code === 'device-removed')
    const isKnown = await Promise.race([isConfirmed, isUnlinked, delay(UNLINK_TIMEOUT_SECONDS * 1000, false)])
    this.close()
    return isKnown
  }

  /** Seconds since the last frame from or to WhatsApp. */
  idleFor() {
    return this.#frames.idleFor()
  }

  /** Seconds since the message began that is handled now; 0 if no message is handled. */
  headAge() {
    return this.#queue.headAge()
  }

  /** Ends the socket. The listener hears nothing any more. */
  close() {
    this.#mute()
    void this.#baileys.end(undefined)
  }

  /** @param {import('../settings.js').Settings} settings */
  #openPairing({ qrLifetime }) {
    return openPairing(
      this.#baileys,
      this.#credentials,
      { qrLifetime, over: this.#over.promise },
      {
        ...this.#listener,
        qrShown: (qr, isRefresh) => {
          this.#watchdog.stop()
          this.#listener.qrShown(qr, isRefresh)
        },
        exhausted: () => this.#finish(ending('qrs-exhausted'))
      }
    )
  }

  #listen() {
    const { ev, ws } = this.#baileys
    ev.on('creds.update', () => {
      this.#listener.credentialsChanged() // They are on the disk before a code is shown that carries them.
      this.#pairing.credentialsChanged()
    })
    ev.on('connection.update', update => this.#updateConnection(update))
    ws.once('frame', () => (this.#hasAnswered = true))
    ws.on('CB:success', () => this.#watchdog.expect(ending('connection-lost'), LOGIN_TIMEOUT_SECONDS))
    limitClosing(ws)
    listenForEndings(ws, {
      account: () => ({ isPaired: this.#credentials.isPaired() }),
      ended: how => this.#finish(how),
      scanRefused: () => {
        if (!this.#hasEnded && !this.#credentials.isPaired()) this.#listener.scanRefused(ending('multidevice-mismatch'))
      }
    })
  }

  /** @param {Partial<import('baileys').ConnectionState>} update */
  #updateConnection({ isNewLogin, connection, lastDisconnect }) {
    if (isNewLogin) this.#watchdog.expect(ending('connection-lost'), RESTART_TIMEOUT_SECONDS)
    if (connection === 'open') this.#open()
    if (connection === 'close') this.#finish(readEnding(lastDisconnect?.error, { hasAnswered: this.#hasAnswered }))
  }

  #open() {
    this.#success.resolve(undefined)
    if (this.#hasEnded) return
    this.#watchdog.stop()
    this.#listener.opened()
  }

  /** Reports a skipped message. The first one starts the only timer: the next socket gets the later ones too. @param {Stanza} stanza */
  #skip(stanza) {
    if (this.#hasEnded) return
    const { times, isWorthReopening } = this.#skipped.add(stanza)
    this.#listener.messageSkipped(times)
    if (!isWorthReopening) return
    this.#reopenTimer ??= setTimeout(() => this.#finish(ending('message-skipped')), this.#reopenDelay * 1000)
  }

  /** Leaves the messages to WhatsApp until the front has taken those that wait. @param {import('../messages/dedup.js').Dedup['bound']} bound */
  #hold({ hasRoom }) {
    if (this.#hasEnded) return
    this.#log.warning('spool_full')
    this.#roomTimer = setInterval(
      () => hasRoom() && this.#finish(ending('message-skipped')),
      ROOM_INTERVAL_SECONDS * 1000
    )
  }

  /** The ending of a socket on which the first sign is missing. @returns {Ending} */
  #silence() {
    if (!this.#hasAnswered) return ending('whatsapp-unreachable', 'no answer')
    return this.#credentials.isPaired() ? ending('connection-lost') : ending('no-codes')
  }

  /** @param {Ending} ending */
  #finish(ending) {
    const how = this.#tunnel?.blame(ending) ?? ending
    this.#over.resolve(how)
    if (this.#hasEnded) return
    this.close()
    this.#listener.ended(how)
  }

  #mute() {
    this.#hasEnded = true
    this.#watchdog.stop()
    this.#frames.stop()
    this.#stopSending()
    this.#stopTyping()
    clearTimeout(this.#reopenTimer)
    clearInterval(this.#roomTimer)
    this.#pairing.stop()
  }
}
