// @ts-check
/** Connection of a device that is not linked: it gets refs to show, and waits for a phone. */

import { performance } from 'node:perf_hooks'
import { LinkCode } from '../protocol/link_code.js'
import { Pairing } from './pairing.js'
import { conflict } from '../server/refusal.js'
import { Refs } from '../protocol/refs.js'
import { REFRESH_CHILDREN } from '../protocol/adv_secrets.js'
import { firstChild, newId, result, SERVER, stanza } from '../protocol/stanza.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { Connection, ClientHandler } from '../server/connection.js' */
/** @import { Devices } from './devices.js' */
/** @import { UnpairedNotifications } from './notification_acks.js' */
/** @import { Phone } from './phone.js' */
/** @import { Profile } from '../protocol/profile.js' */
/** @import { Qr } from '../protocol/qr.js' */
/** @import { AdvSecrets } from '../protocol/adv_secrets.js' */
/** @import { UnknownStanzas } from '../server/unknown_stanzas.js' */

/** @implements {ClientHandler} */
export class Registration {
  #connection
  #profile
  #unknownStanzas
  #notifications
  #advSecrets
  #ended
  #refsId = newId()
  /** @type {Refs | null} */
  #refs = null
  #pairing
  #linkCode

  /**
   * @param {Connection} connection
   * @param {Profile} profile
   * @param {object} server
   * @param {Devices} server.devices
   * @param {{ count: number, lifetimes: number[] }} server.schedule
   * @param {number} server.lifetime seconds until the socket is ended if the device is not linked
   * @param {UnknownStanzas} server.unknownStanzas
   * @param {UnpairedNotifications} server.notifications
   * @param {AdvSecrets} server.advSecrets
   * @param {() => void} server.ended
   */
  constructor(connection, profile, { devices, schedule, lifetime, unknownStanzas, notifications, advSecrets, ended }) {
    this.#connection = connection
    this.#profile = profile
    this.#unknownStanzas = unknownStanzas
    this.#notifications = notifications
    this.#advSecrets = advSecrets
    this.#ended = ended
    this.#pairing = new Pairing(connection, profile, { devices, notifications })
    this.#linkCode = new LinkCode(connection, profile, notifications)
    this.#offer(schedule)
    setTimeout(() => this.#isFree && connection.end(stanza('xmlstreamend')), 1000 * lifetime).unref()
  }

  /**
   * Whether this code is one of the device, at any time.
   * @param {Qr} qr
   */
  has({ ref, noiseKey, identityKey }) {
    const isOurs = noiseKey.equals(this.#profile.noiseKey) && identityKey.equals(this.#profile.identityKey)
    return isOurs && this.#connection.isOpen && !!this.#refs?.has(ref)
  }

  /**
   * Whether this device waits for a pairing code to be typed on this phone.
   * @param {string} phoneNumber
   */
  isWaitingFor(phoneNumber) {
    return this.#isFree && this.#linkCode.phoneNumber === phoneNumber
  }

  /**
   * @param {Phone} phone
   * @param {{ qr: Qr, pushName: string | null }} seen
   */
  scan(phone, { qr, pushName }) {
    const why = this.#pairing.hasStarted ? 'it was scanned before' : this.#refs?.whyNotShown(qr.ref, performance.now())
    if (why) throw conflict('code-dead', why)
    if (this.#connection.fault('singleDevice')) this.#refuseToLink()
    this.#advSecrets.use(this.#connection, qr.advSecret)
    return this.#pairing.start(phone, { advSecret: qr.advSecret, pushName })
  }

  /** Makes the device replace its secret. @param {string} child of the notification */
  refresh(child) {
    this.#advSecrets.refresh(this.#connection, child)
  }

  /**
   * @param {Phone} phone
   * @param {{ code: string, pushName: string | null }} typed
   */
  async typeCode(phone, { code, pushName }) {
    const advSecret = await this.#linkCode.type(phone, code)
    if (!this.#isFree) throw conflict('code-dead', 'another phone was faster')
    const child = this.#connection.fault('refreshAfterFinish')
    if (child) this.refresh(typeof child === 'string' ? child : REFRESH_CHILDREN[0])
    return this.#pairing.start(phone, { advSecret, pushName })
  }

  /** Withdraws the pairing code that the device asked for. */
  refreshCode() {
    this.#linkCode.refresh()
  }

  /** @param {BinaryNode} node */
  receive(node) {
    if (node.tag === 'ack') return this.#notifications.receive(node)
    if (node.tag !== 'iq') return this.#unknownStanzas.note(node)
    if (node.attrs.type === 'result') return this.#receiveResult(node)
    const child = firstChild(node)?.tag
    if (child === 'ping') {
      if (!this.#connection.fault('noPong')) this.#connection.send(result(node))
    } else if (child === 'link_code_companion_reg') this.#linkCode.receive(node)
    else {
      this.#unknownStanzas.note(node)
      this.#connection.send(result(node))
    }
  }

  closed() {
    this.#ended()
    this.#pairing.closed()
    this.#linkCode.closed()
  }

  get #isFree() {
    return this.#connection.isOpen && !this.#pairing.hasStarted
  }

  /** @param {{ count: number, lifetimes: number[] }} schedule */
  #offer(schedule) {
    if (this.#connection.fault('noRefs')) return
    const delay = Number(this.#connection.fault('delayRefs') ?? 0)
    if (delay > 0) setTimeout(() => this.#sendRefs(schedule), 1000 * delay).unref()
    else this.#sendRefs(schedule)
    const again = Number(this.#connection.fault('resendRefs') ?? 0)
    if (again > 0) setTimeout(() => this.#sendRefs(schedule), 1000 * (delay + again)).unref()
  }

  /** @param {{ count: number, lifetimes: number[] }} schedule */
  #sendRefs(schedule) {
    this.#refs = new Refs(schedule, performance.now())
    // As bytes: the encoder would take the @ in a ref for that of an address.
    const refs = this.#refs.texts.map(text => stanza('ref', {}, Buffer.from(text)))
    const attrs = { from: SERVER, type: 'set', id: this.#refsId, xmlns: 'md' }
    this.#connection.send(stanza('iq', attrs, [stanza('pair-device', {}, refs)]))
  }

  /** @param {BinaryNode} iq */
  #receiveResult(iq) {
    if (iq.attrs.id === this.#refsId) this.#refs?.confirm(performance.now())
    else if (!this.#pairing.receive(iq)) this.#unknownStanzas.note(iq)
  }

  /** The phone cannot have linked devices. The same code can be scanned again. @returns {never} */
  #refuseToLink() {
    this.#connection.send(stanza('ib', { from: SERVER }, [stanza('downgrade_webclient')]))
    throw conflict('single-device', 'the phone cannot have linked devices')
  }
}
