// @ts-check
/** Who comes in: devices that register, and devices that log in. */

import { proto } from 'baileys'
import { failure, streamError } from '../protocol/endings.js'
import { log } from './logger.js'
import { Login } from '../accounts/login.js'
import { Notices } from '../accounts/notification_acks.js'
import { readProfile } from '../protocol/profile.js'
import { Registration } from '../accounts/registration.js'
import { Secrets } from '../protocol/adv_secrets.js'
import { isTooOld } from './versions.js'

/** @import { Client, Connection, Talk } from './connection.js' */
/** @import { Device, Devices } from '../accounts/devices.js' */
/** @import { Groups } from '../accounts/groups.js' */
/** @import { Marks } from '../accounts/dirty_marks.js' */
/** @import { Phones } from '../accounts/phone.js' */
/** @import { Post } from '../messages/delivery.js' */
/** @import { Profile } from '../protocol/profile.js' */
/** @import { Qr } from '../protocol/qr.js' */
/** @import { Settings } from './settings.js' */
/** @import { Unknown } from './unknown_stanzas.js' */

/** What talks when nobody does: the client has been turned away. @type {Talk} */
const NO_TALK = { receive() {}, closed() {} }

/**
 * What the old desktop programs say they are. WhatsApp ends a socket on which one registers, without a word, since 30 June 2026
 * (Baileys #2677 and #2705, where several people have changed nothing else). Baileys calls that 428.
 */
const DESKTOP = new Set([
  proto.ClientPayload.WebInfo.WebSubPlatform.DARWIN,
  proto.ClientPayload.WebInfo.WebSubPlatform.WIN32
])

/** @typedef {{ phoneNumber: string, number: number, noiseKey: Uint8Array }} Claim who a client says it is */

export class Door {
  #devices
  #phones
  #groups
  #post
  #unknown
  #settings
  #marks
  /** @type {Set<Registration>} */
  #registrations = new Set()
  /** @type {Map<Device, Login>} */
  #logins = new Map()
  counts = { registrations: 0, logins: 0 }
  notices = new Notices()
  secrets = new Secrets(this.notices)

  /**
   * @param {{ devices: Devices, phones: Phones, groups: Groups, post: Post, unknown: Unknown, marks: Marks, settings: () => Settings }} server
   */
  constructor({ devices, phones, groups, post, unknown, marks, settings }) {
    this.#devices = devices
    this.#phones = phones
    this.#groups = groups
    this.#post = post
    this.#unknown = unknown
    this.#settings = settings
    this.#marks = marks
  }

  /**
   * The device whose code this is.
   * @param {Qr} qr
   */
  holder(qr) {
    return [...this.#registrations].find(registration => registration.has(qr))
  }

  /**
   * The device that asked last for a code to be typed on this phone.
   * @param {string} phoneNumber
   */
  waitingFor(phoneNumber) {
    return [...this.#registrations].findLast(registration => registration.isWaitingFor(phoneNumber))
  }

  /** The devices that wait to be linked. */
  get registrations() {
    return [...this.#registrations]
  }

  /** @param {Device} device */
  login(device) {
    return this.#logins.get(device)
  }

  /**
   * @param {Connection} connection
   * @param {Client} client
   * @returns {Talk}
   */
  admit(connection, { noiseKey, payload }) {
    const { devicePairingData, username, device } = payload
    const minimum = connection.fault('minimumVersion')
    if (minimum && isTooOld(payload.userAgent?.appVersion, String(minimum))) {
      this.counts[devicePairingData ? 'registrations' : 'logins'] += 1
      return turnAway(connection, 405)
    }
    if (devicePairingData) {
      if (isDesktop(payload)) return cutOff(connection)
      return this.#register(connection, readProfile(noiseKey, devicePairingData))
    }
    return this.#logIn(connection, { phoneNumber: String(username ?? ''), number: device ?? 0, noiseKey })
  }

  /**
   * @param {Connection} connection
   * @param {Profile} profile
   * @returns {Talk}
   */
  #register(connection, profile) {
    this.counts.registrations += 1
    if (connection.fault('versionRejected')) return turnAway(connection, 405)
    const refusal = connection.fault('registrationFailure')
    if (refusal) return turnAway(connection, refusal)
    const { qrLifetimes: lifetimes, refs: count, unpairedLifetime } = this.#settings()
    const registration = new Registration(connection, profile, {
      devices: this.#devices,
      schedule: { count, lifetimes },
      within: unpairedLifetime,
      unknown: this.#unknown,
      notices: this.notices,
      secrets: this.secrets,
      ended: () => this.#registrations.delete(registration)
    })
    this.#registrations.add(registration)
    return registration
  }

  /**
   * @param {Connection} connection
   * @param {Claim} claim
   * @returns {Talk}
   */
  #logIn(connection, { phoneNumber, number, noiseKey }) {
    this.counts.logins += 1
    const refusal = connection.fault('loginFailure')
    if (refusal) return turnAway(connection, refusal)
    const error = connection.fault('streamErrorOnLogin')
    if (error) return breakOff(connection, error)
    const device = this.#devices.find(phoneNumber, number)
    if (!device || device.noiseKey !== Buffer.from(noiseKey).toString('base64')) return turnAway(connection, 401)
    return this.#welcome(connection, device)
  }

  /**
   * @param {Connection} connection
   * @param {Device} device
   */
  #welcome(connection, device) {
    this.#logins.get(device)?.replace()
    const login = new Login(connection, device, this.#phones.get(device.phoneNumber), {
      devices: this.#devices,
      phones: this.#phones,
      groups: this.#groups,
      post: this.#post,
      unknown: this.#unknown,
      marks: this.#marks,
      ended: () => this.#logins.get(device) === login && this.#logins.delete(device)
    })
    this.#logins.set(device, login)
    return login
  }
}

/**
 * @param {Connection} connection
 * @param {unknown} why the reason of the failure, with or without attributes
 * @returns {Talk}
 */
function turnAway(connection, why) {
  const stanza = failure(why)
  log('turned_away', { reason: stanza.attrs.reason })
  connection.end(stanza)
  return NO_TALK
}

/**
 * @param {Connection} connection
 * @param {unknown} error
 * @returns {Talk}
 */
function breakOff(connection, error) {
  connection.end(streamError(error))
  return NO_TALK
}

/** @param {proto.ClientPayload} payload */
function isDesktop({ webInfo }) {
  const platform = webInfo?.webSubPlatform
  return platform !== undefined && platform !== null && DESKTOP.has(platform)
}

/** @param {Connection} connection */
function cutOff(connection) {
  log('cut_off', { reason: 'it says that it is a desktop program' })
  connection.drop()
  return NO_TALK
}
