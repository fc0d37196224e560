// @ts-check
/**
 * One WhatsApp account as this process acts for it: link after link, until there is nothing more to do.
 *
 * It opens no link before a front has said hello. The hello says with which version and through which proxy, and whose
 * credentials should be here: to register again after credentials were lost would throw the account away. An unpaired session
 * has one link in its life. A paired one connects again by itself until a person is needed.
 */

import { uptime } from 'node:os'
import { EXIT } from '../process/exit_codes.js'
import {
  closed,
  loggedOut,
  messageSkipped,
  opened,
  paired,
  pairingCodeAwaited,
  pairingCodeIssued,
  pairingCodeRefused,
  pairingCodeWithdrawn,
  qrIssued,
  qrsExhausted,
  scanRefused
} from '../ipc/events.js'
import { Link } from './socket.js'
import { NextLink } from './reconnect.js'
import { ending, needsPerson, refusesKeys } from './error_reasons.js'

/** Spooled events that are looked through: a few at most, where a logout is among them. */
const NEWS = 64

/** Seconds after the first login within which WhatsApp itself may have removed the device: after 5 to 15 in Baileys #2248, whatsmeow #993. */
const FIRST_LOGIN = 60
const DOUBT = "if nobody did so, WhatsApp did, often because of this host's internet address"

/** Seconds without a frame from or to WhatsApp after which a link is quiet. */
const QUIET = 10

/** @typedef {import('./error_reasons.js').Ending} Ending */
/** @typedef {import('../ipc/events.js').Phase} Phase */
/** @typedef {import('./link_options.js').LinkOptions} LinkOptions */

/** Phases before a scan. @type {ReadonlySet<Phase>} */
const UNPAIRED = new Set(['connecting', 'qr', 'pairing_code'])

/**
 * @typedef {object} Parts
 * @property {import('../settings.js').Settings} settings
 * @property {import('../storage/database.js').Record} record
 * @property {import('../storage/credentials.js').Credentials} credentials
 * @property {Pick<import('./server_identity.js').ServerIdentity, 'current' | 'linked' | 'remember'>} server
 * @property {Pick<import('../storage/spool.js').Spool, 'after'>} spool
 * @property {import('../messages/dedup.js').Inbox} inbox
 * @property {import('../messages/skipped.js').Skipped} skipped
 * @property {Pick<import('../ipc/front_channel.js').Front, 'tell' | 'keep' | 'deliver' | 'hasAll'>} front
 * @property {import('../process/logger.js').Log} log
 * @property {(code: number) => void} exit
 * @property {(options: LinkOptions, hearer: import('./socket.js').Hearer) => Pick<Link, 'requestPairingCode' | 'logout' | 'close' | 'idleFor' | 'headAge'>} [openLink]
 */

export class Session {
  #parts
  #openLink
  #wasPaired
  /** Boot clock, seconds; -Infinity: in an earlier process; null: never. @type {number | null} */
  #firstOpenedAt
  /** @type {Phase} */
  #phase = 'connecting'
  /** @type {import('../ipc/events.js').Qr | null} */
  #qr = null
  /** Until when a pairing code can be typed, once all codes were shown: boot clock, seconds. @type {number | null} */
  #pairingCodeUntil = null
  /** Why the last link ended. @type {Ending | null} */
  #reason = null
  /** @type {ReturnType<NonNullable<Parts['openLink']>> | null} */
  #link = null
  #nextLink = new NextLink(() => this.#connect())
  /** Once a logout was asked for. @type {Promise<void> | null} */
  #leaving = null
  #isEnding = false
  /** What the next link is opened with. Null before a front said hello. @type {LinkOptions | null} */
  #options = null
  /** What the last link announced. @type {string | null} */
  #version = null
  /** Who said hello last. @type {string | null} */
  #front = null

  /** @param {Parts} parts */
  constructor({ openLink, ...parts }) {
    this.#parts = parts
    this.#openLink = openLink ?? ((options, hearer) => new Link(parts.settings, options, parts, hearer))
    this.#wasPaired = parts.credentials.isPaired()
    this.#firstOpenedAt = parts.record.facts.get('opened') ? -Infinity : null
  }

  /** Waits to be met: see `meet`. */
  start() {
    if (this.#wasPaired) this.#move(this.#firstOpenedAt === null ? 'pairing' : 'reconnecting')
  }

  /** A front has said hello, and what the record knows. @param {Pick<import('../ipc/commands.js').Hello, 'front' | 'have' | 'account' | 'link' | 'mayRegister'>} hello */
  meet({ front, have, account, link, mayRegister = true }) {
    if (this.#isEnding) return
    if (this.#isOfAnotherServer()) return this.#refuseServer()
    const isOther = front !== this.#front
    this.#front = front
    if (account !== null && !this.#isOf(account)) return this.#missCredentials(have)
    if (link) this.#setLink(link)
    else if (!this.#options) return this.#parts.log.warning('hello_of_older_front')
    if (this.#isEnding) return
    if (!this.#link) return this.#mayConnect(mayRegister) ? this.#connect() : this.stop()
    if (isOther) this.#nextLink.tryForFront()
  }

  /** @returns {import('../ipc/events.js').Snapshot} */
  describe() {
    const pairingCodeUntil = this.#pairingCodeUntil
    return {
      phase: this.#phase,
      qr: this.#qr,
      pairingCodeUntil,
      reason: this.#reason,
      ...this.#parts.credentials.account()
    }
  }

  /** @param {import('../ipc/front_channel.js').Order} order */
  obey(order) {
    if (order.command === 'close') this.#sleep()
    if (order.command === 'logout') this.#logout()
    if (order.command === 'pair_by_code') void this.#pairByCode(order)
    if (order.command === 'set_link') this.#setLink(order.link)
  }

  /** The process was told to end. The account stays linked. */
  stop() {
    this.#link?.close()
    this.#exit(EXIT.done)
  }

  /** Whether the credentials are this account's. @param {string} account */
  #isOf(account) {
    const { credentials } = this.#parts
    return credentials.isPaired() && [account, null].includes(credentials.account().phoneNumber)
  }

  /** Whether a link may be opened: an unpaired one registers a device. @param {boolean} mayRegister */
  #mayConnect(mayRegister) {
    if (mayRegister || this.#parts.credentials.isPaired()) return true
    this.#parts.log.info('registration_not_allowed')
    return false
  }

  /** Whether a login could only lose the link. What this process has paired itself is of the present server. */
  #isOfAnotherServer() {
    const { server } = this.#parts
    return this.#wasPaired && server.linked() !== server.current
  }

  #refuseServer() {
    const { log, server } = this.#parts
    log.error('other_server', { linked: server.linked(), current: server.current })
    this.#exit(EXIT.otherServer)
  }

  /** Where this folder logged out and the record has not heard of it, the spool tells it now. @param {number} have */
  #missCredentials(have) {
    const isTold = this.#parts.spool.after(have, NEWS).some(({ event }) => event.event === 'logged_out')
    if (!isTold) this.#parts.log.error('credentials_lost', { paired: this.#parts.credentials.isPaired() })
    this.#link?.close()
    this.#exit(isTold ? EXIT.done : EXIT.lost)
  }

  /** Whether nothing is lost, and nobody kept waiting, where the process is exchanged now. */
  isQuiet() {
    return (
      this.#phase === 'open' && !this.#leaving && this.#parts.front.hasAll() && (this.#link?.idleFor() ?? 0) >= QUIET
    )
  }

  /** Seconds since the message began that is handled now; 0 if no message is handled. */
  headAge() {
    return this.#link?.headAge() ?? 0
  }

  /** Makes room for a fresh process, which is smaller. */
  recycle() {
    this.#link?.close()
    this.#keep(closed(ending('recycled'), 0, this.#version))
    this.#exit(EXIT.recycle)
  }

  #connect() {
    this.#nextLink.begin()
    if (!this.#options) return
    this.#version = this.#options.version
    this.#link = this.#openLink(this.#options, {
      qrShown: (qr, isRefresh) => this.#qrShown(qr, isRefresh),
      codesUsedUp: until => this.#codesUsedUp(until),
      pairingCodeWithdrawn: () => this.#parts.front.tell(pairingCodeWithdrawn()),
      registrationRefreshed: child => this.#parts.log.info('registration_refreshed', { child, phase: this.#phase }),
      credentialsChanged: () => this.#credentialsChanged(),
      opened: () => this.#opened(),
      scanRefused: why => this.#scanRefused(why),
      messageSkipped: times => this.#messageSkipped(times),
      ended: how => this.#ended(how)
    })
  }

  /** @param {import('../ipc/events.js').Qr} qr @param {boolean} [isRefresh] */
  #qrShown(qr, isRefresh) {
    this.#qr = qr
    this.#pairingCodeUntil = null
    this.#move('qr')
    this.#parts.log.info('qr_issued', { ordinal: qr.ordinal, lifetime: qr.lifetime })
    this.#parts.front.tell(qrIssued(qr, this.#version, isRefresh))
  }

  /** @param {number} until boot clock, seconds */
  #codesUsedUp(until) {
    this.#qr = null
    this.#pairingCodeUntil = until
    this.#move('pairing_code')
    this.#parts.front.tell(pairingCodeAwaited(until))
  }

  #credentialsChanged() {
    const { credentials, server } = this.#parts
    if (!UNPAIRED.has(this.#phase) || !credentials.isPaired()) return credentials.save()
    this.#qr = this.#pairingCodeUntil = null
    this.#move('pairing')
    this.#keep(paired(credentials.account()), () => {
      credentials.save()
      server.remember()
    })
  }

  #opened() {
    const { credentials, record, server } = this.#parts
    this.#firstOpenedAt ??= uptime()
    this.#reason = null
    this.#nextLink.opened()
    this.#move('open')
    this.#keep(opened(credentials.account(), this.#version), () => {
      record.facts.set('opened', 1)
      server.remember()
    })
  }

  /** The code stays. @param {Ending} why */
  #scanRefused(why) {
    this.#reason = why
    this.#parts.log.info('scan_refused', { code: why.code })
    this.#parts.front.tell(scanRefused(why))
  }

  /** @param {number} times */
  #messageSkipped(times) {
    this.#parts.log.warning('message_skipped', { times })
    this.#keep(messageSkipped(times))
  }

  /** @param {Ending} how */
  #ended(how) {
    this.#qr = this.#pairingCodeUntil = null
    this.#parts.log.info('link_ended', how)
    if (!this.#parts.credentials.isPaired()) return this.#endedUnpaired(how)
    if (!this.#wasPaired) return this.#exit(EXIT.restart)
    if (how.code === 'logged-out') return this.#forget(this.#removed(how))
    if (needsPerson(how)) return this.#giveUp(how)
    this.#connectLater(how)
  }

  /** @param {Ending} how */
  #endedUnpaired(how) {
    const { front, credentials } = this.#parts
    if (how.code !== 'qrs-exhausted')
      return this.#giveUp(how, () => {
        if (refusesKeys(how)) credentials.wipe()
      })
    front.tell(qrsExhausted())
    this.#exit(EXIT.done)
  }

  /** @param {Ending} how @param {() => void} [write] what goes to the disk with it */
  #giveUp(how, write) {
    this.#reason = how
    this.#keep(closed(how, null, this.#version), write)
    this.#exit(EXIT.done)
  }

  /** A device that was linked just now was hardly removed by the phone's owner. @param {Ending} how */
  #removed(how) {
    if (this.#firstOpenedAt === null) return ending('removed-at-once')
    return uptime() - this.#firstOpenedAt < FIRST_LOGIN ? ending(how.code, DOUBT) : how
  }

  /** @param {Ending} how */
  #connectLater(how) {
    const retryIn = this.#nextLink.schedule(how, { used: this.#version, next: this.#options?.version ?? null })
    this.#reason = how
    this.#move('reconnecting')
    this.#keep(closed(how, retryIn, this.#version))
  }

  /** The account is no longer ours. @param {Ending} how */
  #forget(how) {
    const { credentials, record } = this.#parts
    this.#keep(loggedOut(how), () => {
      credentials.wipe()
      record.facts.set('opened', 0)
    })
    this.#exit(EXIT.done)
  }

  /** @param {number} code */
  #exit(code) {
    this.#isEnding = true
    this.#nextLink.cancel()
    this.#parts.exit(code)
  }

  /** Ends an unpaired link that was opened with another name or proxy, and its codes with it. @param {LinkOptions} next */
  #setLink(next) {
    const before = this.#options
    this.#options = next
    if (!before || this.#isEnding || this.#leaving) return
    const isSameWay = before.proxy === next.proxy
    if (this.#parts.credentials.isPaired()) return isSameWay ? this.#nextLink.tryVersion(next.version) : this.#reopen()
    if (!isSameWay || before.deviceName !== next.deviceName) this.stop()
  }

  /** Connects with the present options at once. A process that was paired just now ends by itself, and the next one has them. */
  #reopen() {
    if (!this.#wasPaired) return
    this.#link?.close()
    this.#reason = ending('proxy-changed')
    this.#move('reconnecting')
    this.#keep(closed(this.#reason, 0, this.#version))
    this.#connect()
  }

  #sleep() {
    if (this.#parts.credentials.isPaired()) return this.#parts.log.warning('close_ignored', { phase: this.#phase })
    this.stop()
  }

  /** Asked again, it goes on. A process that was paired just now cannot tell WhatsApp; the next one is asked anew. */
  #logout() {
    if (this.#parts.credentials.isPaired() && !this.#wasPaired) return
    this.#leaving ??= this.#leave()
  }

  async #leave() {
    if (this.#nextLink.isAwaited()) this.#connect()
    this.#forget(ending((await this.#isUnlinked()) ? 'asked' : 'asked-unconfirmed'))
  }

  /** Whether WhatsApp lists this device no more, as far as it can be told. */
  async #isUnlinked() {
    if (this.#parts.credentials.isPaired()) return this.#link?.logout()
    this.#link?.close()
    return true
  }

  /** @param {import('../ipc/commands.js').PairByCode} order */
  async #pairByCode({ request, phoneNumber }) {
    const { front } = this.#parts
    try {
      front.tell(pairingCodeIssued(request, await this.#pairingCode(phoneNumber)))
    } catch (refusal) {
      front.tell(pairingCodeRefused(request, /** @type {Ending} */ (refusal)))
    }
  }

  /** @param {string} phoneNumber */
  async #pairingCode(phoneNumber) {
    if (this.#parts.credentials.isPaired() || !this.#link) throw ending('already-paired')
    return this.#link.requestPairingCode(phoneNumber)
  }

  /** The one place that assigns the phase. @param {Phase} next */
  #move(next) {
    if (next === this.#phase) return
    this.#parts.log.info('phase', { from: this.#phase, to: next })
    this.#phase = next
  }

  /**
   * Tells what must not be lost, once it and what it says are on the disk together.
   * @param {import('../ipc/events.js').Event} event
   * @param {() => void} [write]
   */
  #keep(event, write = () => {}) {
    this.#parts.record.transaction(() => {
      write()
      this.#parts.front.keep(event)
    })
    this.#parts.front.deliver()
  }
}
