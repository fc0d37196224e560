// @ts-check
/** One Baileys socket's life, from connecting to its one ending. Baileys' words stop here. */

import { setTimeout as delay } from 'node:timers/promises'
import { makeWASocket, S_WHATSAPP_NET } from 'baileys'
import { readFailure, readStreamError } from './close_reasons.js'
import { acknowledgeEarly } from '../pairing/early_acks.js'
import { readVersion } from './link_options.js'
import { openLinking } from '../pairing/linking.js'
import { openMail } from '../messages/inbound.js'
import { cleanDirtyMarks } from './own_queries.js'
import { openTunnelTo } from '../network/proxy_agent.js'
import { routeFetch } from '../network/proxy_fetch.js'
import { silentLogger } from '../process/silence_libraries.js'
import { ending, readEnding } from './error_reasons.js'
import { watchTraffic } from '../network/frame_monitor.js'
import { createWatchdog } from './watchdog.js'

/** Milliseconds for the upgrade, and again for the server's hello: less than a reader of a fresh code waits. */
const CONNECT_TIMEOUT_MS = 8_000

/** Milliseconds. Unpaired: a peer that went silent must not have its codes shown for long. */
const KEEP_ALIVE_MS = { paired: 30_000, unpaired: 10_000 }

/**
 * Seconds without a frame after which a link is dead. Longer than Baileys' own keep-alive takes, which asks and waits by the
 * wall clock: where that is set back, it would wait for as long.
 */
const SILENCE = { paired: 75, unpaired: 25 }

/** Milliseconds that a peer gets to answer our close frame. `ws` alone would wait 30 s. */
const CLOSE_GRACE_MS = 500

/** Seconds that Baileys waits for an answer. Its own 60 s would hold up what waits behind a query. */
const QUERY = 10

/** Seconds from the first message that was skipped to a new link, on which WhatsApp delivers it again. */
const REOPEN_AFTER = 60

/**
 * What follows the device's name. "Chrome" makes it a browser: WhatsApp refuses the registration of a desktop program
 * (Baileys #2677). The number is read by nobody.
 */
const BROWSER = ['Chrome', '14.4.1']

/** Seconds until a code or a login's success, until the login is through, until the 515 after a scan, until a logout is told. */
const WITHIN = { firstSign: 10, login: 45, restart: 10, logout: 5 }

/** What WhatsApp says if the phone that scanned cannot have linked devices. */
const DOWNGRADE = 'CB:ib,,downgrade_webclient'

/** @typedef {import('./error_reasons.js').Ending} Ending */
/** @typedef {import('baileys').BinaryNode} Stanza */

/**
 * @typedef {object} LinkHearer
 * @property {() => void} credentialsChanged they must be on the disk when this returns
 * @property {() => void} opened
 * @property {(why: Ending) => void} scanRefused a phone scanned and cannot link; the code can be scanned again
 * @property {(times: number) => void} messageSkipped a message took too long; times: how often so far
 * @property {(ending: Ending) => void} ended
 */
/** Listener of a link; nothing follows `ended`. @typedef {LinkHearer & Omit<import('../pairing/linking.js').Heard, 'exhausted'>} Hearer */

export class Link {
  #tunnel
  #socket
  #credentials
  #hearer
  #linking
  #watchdog = createWatchdog((/** @type {Ending | null} */ missed) => this.#finish(missed ?? this.#silence()))
  #traffic
  #success = Promise.withResolvers()
  /** @type {PromiseWithResolvers<Ending>} */
  #over = Promise.withResolvers()
  #hasAnswered = false
  #skipped
  #reopenAfter
  #arrivals
  /** @type {NodeJS.Timeout | undefined} */
  #reopening
  #hasEnded = false

  /**
   * @param {import('../settings.js').Settings} settings
   * @param {import('./link_options.js').LinkOptions} options
   * @param {object} memory
   * @param {import('../storage/credentials.js').Credentials} memory.credentials
   * @param {import('../messages/dedup.js').Inbox} memory.inbox
   * @param {import('../messages/skipped.js').Skipped} memory.skipped
   * @param {import('../process/logger.js').Log} memory.log
   * @param {Hearer} hearer
   * @param {object} [limits] seconds
   * @param {{paired: number, unpaired: number}} [limits.silence] without a frame
   * @param {typeof import('../messages/order.js').WITHIN} [limits.within] for what Baileys does about one stanza
   * @param {number} [limits.query] for the answer to a query
   * @param {number} [limits.reopenAfter]
   */
  constructor(settings, options, { credentials, inbox, skipped, log }, hearer, limits = {}) {
    const { silence = SILENCE, within, query = QUERY, reopenAfter = REOPEN_AFTER } = limits
    this.#credentials = credentials
    this.#hearer = hearer
    this.#skipped = skipped
    this.#reopenAfter = reopenAfter
    const mail = openMail(credentials, inbox, { onSkip: stanza => this.#skip(stanza), within })
    this.#tunnel = openTunnelTo(settings.url, options.proxy, CONNECT_TIMEOUT_MS)
    routeFetch(options.proxy)
    this.#socket = makeWASocket({
      ...baileysConfig(settings, options, credentials),
      ...(this.#tunnel && { agent: this.#tunnel.agent, fetchAgent: this.#tunnel.agent }),
      defaultQueryTimeoutMs: query * 1000,
      ...mail.config
    })
    this.#linking = openLinking(
      this.#socket,
      credentials,
      { qrLifetime: settings.qrLifetime, over: this.#over.promise },
      {
        ...hearer,
        qrShown: (qr, isRefresh) => this.#showQr(qr, isRefresh),
        exhausted: () => this.#finish(ending('qrs-exhausted'))
      }
    )
    this.#traffic = watchTraffic(this.#socket.ws, {
      silence: credentials.isPaired() ? silence.paired : silence.unpaired,
      onSilence: () => this.#finish(ending('connection-lost'))
    })
    this.#listen()
    this.#arrivals = mail.listen(this.#socket)
    cleanDirtyMarks(this.#socket, log)
    acknowledgeEarly(this.#socket, credentials.state.creds)
    this.#watchdog.expect(null, WITHIN.firstSign)
  }

  /** As in linking.js. @type {import('../pairing/linking.js').Linking['requestPairingCode']} */
  requestPairingCode(phoneNumber, within) {
    return this.#linking.requestPairingCode(phoneNumber, within)
  }

  /**
   * Unlinks this device, as far as the link opens and WhatsApp can be told in time. The hearer hears nothing any more.
   * @returns {Promise<boolean>} whether WhatsApp knows
   */
  async logout() {
    if (this.#hasEnded) return false
    this.#mute()
    const isConfirmed = this.#success.promise.then(() => this.#unlink())
    const isUnlinked = this.#over.promise.then(({ code }) => code === 'logged-out' || code === 'device-removed')
    const isKnown = await Promise.race([isConfirmed, isUnlinked, delay(WITHIN.logout * 1000, false)])
    this.close()
    return isKnown
  }

  /** Seconds since the last frame from or to WhatsApp. */
  idleFor() {
    return this.#traffic.idleFor()
  }

  /** Seconds since the message began that is handled now; 0 if no message is handled. */
  headAge() {
    return this.#arrivals.headAge()
  }

  /** Ends the socket without a word to the hearer. */
  close() {
    this.#mute()
    void this.#socket.end(undefined)
  }

  /** Whether WhatsApp confirms it. Baileys' own logout does not wait for that. */
  async #unlink() {
    const jid = this.#credentials.state.creds.me?.id ?? ''
    const content = [{ tag: 'remove-companion-device', attrs: { jid, reason: 'user_initiated' } }]
    const attrs = { to: S_WHATSAPP_NET, type: 'set', xmlns: 'md', id: this.#socket.generateMessageTag() }
    try {
      return Boolean(await this.#socket.query({ tag: 'iq', attrs, content }, WITHIN.logout * 1000))
    } catch {
      return false
    }
  }

  #listen() {
    const { ev } = this.#socket
    ev.on('creds.update', () => this.#credentialsChanged())
    ev.on('connection.update', update => this.#changed(update))
    const ws = impatient(this.#socket.ws)
    ws.once('frame', () => (this.#hasAnswered = true))
    ws.on('unexpected-response', (_, { statusCode }) =>
      this.#finish(ending('whatsapp-unreachable', `HTTP ${statusCode}`))
    )
    // Before Baileys, which keeps no more of them than a number.
    ws.prependListener('CB:failure', (/** @type {Stanza} */ { attrs }) =>
      this.#finish(readFailure(attrs, this.#pairing()))
    )
    ws.prependListener('CB:stream:error', (/** @type {Stanza} */ error) =>
      this.#finish(readStreamError(error, this.#pairing()))
    )
    // Baileys would close the socket, whose code can still be scanned (whatsmeow, QRScannedWithoutMultidevice).
    ws.removeAllListeners(DOWNGRADE)
    ws.on(DOWNGRADE, () => this.#refuseScan())
    ws.on('CB:notification,type:passkey_prologue_request', () => this.#finish(ending('passkey-required')))
    ws.on('CB:success', () => this.#watchdog.expect(ending('connection-lost'), WITHIN.login))
  }

  /** @param {Partial<import('baileys').ConnectionState>} update */
  #changed({ isNewLogin, connection, lastDisconnect }) {
    if (isNewLogin) this.#watchdog.expect(ending('connection-lost'), WITHIN.restart)
    if (connection === 'open') this.#open()
    if (connection === 'close') this.#finish(readEnding(lastDisconnect?.error, { hasAnswered: this.#hasAnswered }))
  }

  /** They are on the disk before a code is shown that carries them. */
  #credentialsChanged() {
    this.#hearer.credentialsChanged()
    this.#linking.credentialsChanged()
  }

  /** @param {import('../ipc/events.js').Qr} qr @param {boolean} [isRefresh] */
  #showQr(qr, isRefresh) {
    this.#watchdog.rest()
    this.#hearer.qrShown(qr, isRefresh)
  }

  #open() {
    this.#success.resolve(undefined)
    if (this.#hasEnded) return
    this.#watchdog.rest()
    this.#hearer.opened()
  }

  #pairing() {
    return { isPaired: this.#credentials.isPaired() }
  }

  #refuseScan() {
    if (!this.#hasEnded && !this.#credentials.isPaired()) this.#hearer.scanRefused(ending('multidevice-mismatch'))
  }

  /** Once for a link: what is skipped later is delivered again with the first one. @param {Stanza} stanza */
  #skip(stanza) {
    if (this.#hasEnded) return
    const { times, isWorthReopening } = this.#skipped.add(stanza)
    this.#hearer.messageSkipped(times)
    if (!isWorthReopening) return
    this.#reopening ??= setTimeout(() => this.#finish(ending('message-skipped')), this.#reopenAfter * 1000)
  }

  /** What it means that nothing came. @returns {Ending} */
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
    this.#hearer.ended(how)
  }

  #mute() {
    this.#hasEnded = true
    this.#watchdog.rest()
    this.#traffic.rest()
    clearTimeout(this.#reopening)
    this.#linking.stop()
  }
}

/**
 * @param {import('../settings.js').Settings} settings
 * @param {import('./link_options.js').LinkOptions} options
 * @param {import('../storage/credentials.js').Credentials} credentials
 * @returns {Omit<import('baileys').UserFacingSocketConfig, 'auth'>}
 */
function baileysConfig({ url }, options, credentials) {
  const browser = /** @type {[string, string, string]} */ ([options.deviceName, ...BROWSER])
  const version = readVersion(options.version)
  return {
    ...(url && { waWebSocketUrl: url }),
    ...(version && { version }),
    browser,
    logger: silentLogger,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    keepAliveIntervalMs: credentials.isPaired() ? KEEP_ALIVE_MS.paired : KEEP_ALIVE_MS.unpaired,
    markOnlineOnConnect: false, // true would mute the phone's notifications
    syncFullHistory: false,
    shouldSyncHistoryMessage: () => false,
    getMessage: async () => undefined // nothing is sent yet, so nothing is ever asked for again
  }
}

/**
 * Baileys tells of an ending only when the WebSocket is closed, and a half-dead peer never closes it: cut it after a moment.
 * @param {import('baileys').WASocket['ws']} ws
 */
function impatient(ws) {
  const close = ws.close.bind(ws)
  ws.close = () => {
    const inner = /** @type {{socket: {terminate: () => void} | null}} */ (/** @type {unknown} */ (ws)).socket
    setTimeout(() => inner?.terminate(), CLOSE_GRACE_MS)
    return close()
  }
  return ws
}
