// @ts-check
/** Pairing, the last step of every linking: the phone signs the device's identity, the device signs in return, and restarts. */

import { getBinaryNodeChild, getBinaryNodeChildBuffer } from 'baileys'
import { log } from '../server/logger.js'
import { hasDeviceSigned, signDeviceIdentity } from './phone.js'
import { conflict } from '../server/refusal.js'
import { newId, SERVER, stanza, timestamp } from '../protocol/stanza.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { Connection } from '../server/connection.js' */
/** @import { Device, Devices } from './devices.js' */
/** @import { UnpairedNotifications } from './notification_acks.js' */
/** @import { DeviceIdentity, Phone } from './phone.js' */
/** @import { Profile } from '../protocol/profile.js' */

/** Limit for the device's signature. */
const SIGNATURE_TIMEOUT_MS = 10_000

/** Request to a browser (WebAuthn). The bytes of the challenge mean nothing. */
const PASSKEY_OPTIONS = { rpId: 'whatsapp.com', challenge: 'c2FuZGJveA', userVerification: 'required' }

/**
 * @typedef {object} Started
 * @property {string} id of the pair-success, which the device's signature answers
 * @property {Phone} phone
 * @property {number} device
 * @property {DeviceIdentity} identity
 * @property {(device: Device) => void} done
 * @property {(reason: Error) => void} failed
 */

export class Pairing {
  #connection
  #profile
  #devices
  #notifications
  /** @type {Started | null} */
  #started = null

  /**
   * @param {Connection} connection
   * @param {Profile} profile as the device sent it
   * @param {{ devices: Devices, notifications: UnpairedNotifications }} server
   */
  constructor(connection, profile, { devices, notifications }) {
    this.#connection = connection
    this.#profile = profile
    this.#devices = devices
    this.#notifications = notifications
  }

  /** Whether a phone has begun to link this device. */
  get hasStarted() {
    return this.#started !== null
  }

  /**
   * Resolves after the device is linked and must restart; rejected if it is not linked.
   * @param {Phone} phone
   * @param {{ advSecret: Uint8Array, pushName: string | null }} seen
   * @returns {Promise<Device>}
   */
  async start(phone, { advSecret, pushName }) {
    if (this.#connection.fault('passkey')) return this.#askForPasskey()
    const device = this.#devices.takeNumber(phone.number)
    const isForged = !!this.#connection.fault('forgedAccountSignature')
    const identity = signDeviceIdentity(phone, { identityKey: this.#profile.identityKey, advSecret, device, isForged })
    const id = newId()
    const { promise, resolve, reject } = Promise.withResolvers()
    const timer = setTimeout(() => this.#fail('the device did not sign in time'), SIGNATURE_TIMEOUT_MS)
    this.#started = { id, phone, device, identity, done: resolve, failed: reject }
    this.#connection.send(pairSuccess({ id, phone, device, container: identity.container, pushName }))
    return promise.finally(() => clearTimeout(timer))
  }

  /**
   * @param {BinaryNode} iq a result
   * @returns {boolean} whether it was the signature for this pairing
   */
  receive(iq) {
    const started = this.#started
    if (!started || iq.attrs.id !== started.id) return false
    const sign = getBinaryNodeChild(iq, 'pair-device-sign')
    const reply = getBinaryNodeChildBuffer(sign, 'device-identity')
    const { phone, identity } = started
    if (reply && hasDeviceSigned(phone, this.#profile.identityKey, identity.details, reply)) this.#finish(started)
    else this.#fail('the device signature is wrong')
    return true
  }

  closed() {
    this.#fail('the socket ended before the device had signed')
  }

  /** @param {Started} started */
  #finish({ phone, device, done }) {
    const cut = this.#connection.fault('dropAfterScan')
    if (cut === 'unsigned') return this.#connection.drop()
    const linked = { phoneNumber: phone.number, device, ...this.#profile.device }
    this.#devices.add(linked)
    log('linked', { phone: phone.number, device })
    if (cut) this.#connection.drop()
    else this.#connection.end(stanza('stream:error', { code: '515' }))
    done(linked)
  }

  /** @param {string} detail */
  #fail(detail) {
    this.#started?.failed(conflict('not-signed', detail))
  }

  /** @returns {never} */
  #askForPasskey() {
    const options = stanza('passkey_request_options', {}, Buffer.from(JSON.stringify(PASSKEY_OPTIONS)))
    this.#notifications.send(this.#connection, 'passkey_prologue_request', options)
    throw conflict('passkey-required', 'the phone asks for a passkey')
  }
}

/**
 * @param {{ id: string, phone: Phone, device: number, container: Uint8Array, pushName: string | null }} success
 */
function pairSuccess({ id, phone, device, container, pushName }) {
  const children = [
    stanza('device-identity', {}, container),
    stanza('device', { jid: `${phone.number}:${device}@s.whatsapp.net`, lid: `${phone.lid}:${device}@lid` }),
    stanza('platform', { name: 'android' })
  ]
  if (pushName !== null) children.push(stanza('biz', { name: pushName }))
  const attrs = { from: SERVER, type: 'set', id, xmlns: 'md', t: timestamp() }
  return stanza('iq', attrs, [stanza('pair-success', {}, children)])
}
