// @ts-check
/** Admission of clients: devices that register, and devices that log in. */

import { AdvSecrets } from '../protocol/adv_secrets.js'
import { cutDesktop, isDesktop, refuseWithFailure, refuseWithStreamError } from './client_refusals.js'
import { isTooOld } from './versions.js'
import { Login } from '../accounts/login.js'
import { readProfile } from '../protocol/profile.js'
import { Registration } from '../accounts/registration.js'
import { UnpairedNotifications } from '../accounts/notification_acks.js'

/** @import { Client, ClientHandler, Connection } from './connection.js' */
/** @import { Acceptance } from '../messages/acceptance.js' */
/** @import { Delivery } from '../messages/delivery.js' */
/** @import { Device, Devices } from '../accounts/devices.js' */
/** @import { DeviceLists } from '../accounts/device_lists.js' */
/** @import { DirtyMarks } from '../accounts/dirty_marks.js' */
/** @import { Groups } from '../accounts/groups.js' */
/** @import { Phones } from '../accounts/phone.js' */
/** @import { Presences } from '../accounts/presences.js' */
/** @import { Profile } from '../protocol/profile.js' */
/** @import { Qr } from '../protocol/qr.js' */
/** @import { Settings } from './settings.js' */
/** @import { UnknownStanzas } from './unknown_stanzas.js' */

/** @typedef {{ phoneNumber: string, number: number, noiseKey: Uint8Array }} Claim the device that a client says it is */

export class Admission {
  #server
  /** @type {Set<Registration>} */
  #registrations = new Set()
  /** @type {Map<Device, Login>} */
  #logins = new Map()
  counts = { registrations: 0, logins: 0 }
  notifications = new UnpairedNotifications()
  advSecrets = new AdvSecrets(this.notifications)

  /**
   * @param {object} server
   * @param {Devices} server.devices
   * @param {Phones} server.phones
   * @param {Groups} server.groups
   * @param {Acceptance} server.acceptance
   * @param {Delivery} server.delivery
   * @param {UnknownStanzas} server.unknownStanzas
   * @param {DirtyMarks} server.dirtyMarks
   * @param {DeviceLists} server.deviceLists
   * @param {Presences} server.presences
   * @param {() => Settings} server.settings
   */
  constructor(server) {
    this.#server = server
  }

  /**
   * The registration whose device shows this code.
   * @param {Qr} qr
   */
  holder(qr) {
    return [...this.#registrations].find(registration => registration.has(qr))
  }

  /**
   * The registration that last asked for a code to be typed on this phone.
   * @param {string} phoneNumber
   */
  waitingFor(phoneNumber) {
    return [...this.#registrations].findLast(registration => registration.isWaitingFor(phoneNumber))
  }

  /** All devices that wait to be linked. */
  get registrations() {
    return [...this.#registrations]
  }

  /** @param {Device} device */
  login(device) {
    return this.#logins.get(device)
  }

  /**
   * Admits a client that has finished the handshake, or refuses it.
   * @param {Connection} connection
   * @param {Client} client
   * @returns {ClientHandler}
   */
  admit(connection, { noiseKey, payload }) {
    const { devicePairingData, username, device } = payload
    const minimum = connection.fault('minimumVersion')
    if (minimum && isTooOld(payload.userAgent?.appVersion, String(minimum))) {
      this.counts[devicePairingData ? 'registrations' : 'logins'] += 1
      return refuseWithFailure(connection, 405)
    }
    if (devicePairingData) {
      if (isDesktop(payload)) return cutDesktop(connection)
      return this.#register(connection, readProfile(noiseKey, devicePairingData))
    }
    return this.#logIn(connection, { phoneNumber: String(username ?? ''), number: device ?? 0, noiseKey })
  }

  forget() {
    this.counts = { registrations: 0, logins: 0 }
    this.notifications.forget()
    this.advSecrets.forget()
  }

  /**
   * @param {Connection} connection
   * @param {Profile} profile
   * @returns {ClientHandler}
   */
  #register(connection, profile) {
    this.counts.registrations += 1
    if (connection.fault('versionRejected')) return refuseWithFailure(connection, 405)
    const reason = connection.fault('registrationFailure')
    if (reason) return refuseWithFailure(connection, reason)
    const { qrLifetimes: lifetimes, refs: count, unpairedLifetime } = this.#server.settings()
    const registration = new Registration(connection, profile, {
      devices: this.#server.devices,
      schedule: { count, lifetimes },
      lifetime: unpairedLifetime,
      unknownStanzas: this.#server.unknownStanzas,
      notifications: this.notifications,
      advSecrets: this.advSecrets,
      ended: () => this.#registrations.delete(registration)
    })
    this.#registrations.add(registration)
    return registration
  }

  /**
   * @param {Connection} connection
   * @param {Claim} claim
   * @returns {ClientHandler}
   */
  #logIn(connection, { phoneNumber, number, noiseKey }) {
    this.counts.logins += 1
    const reason = connection.fault('loginFailure')
    if (reason) return refuseWithFailure(connection, reason)
    const error = connection.fault('streamErrorOnLogin')
    if (error) return refuseWithStreamError(connection, error)
    const device = this.#server.devices.find(phoneNumber, number)
    const isKnown = device?.noiseKey === Buffer.from(noiseKey).toString('base64')
    if (!device || !isKnown) return refuseWithFailure(connection, 401)
    return this.#openLogin(connection, device)
  }

  /**
   * @param {Connection} connection
   * @param {Device} device
   */
  #openLogin(connection, device) {
    this.#logins.get(device)?.replace()
    const login = new Login(connection, device, this.#server.phones.get(device.phoneNumber), {
      ...this.#server,
      ended: () => this.#logins.get(device) === login && this.#logins.delete(device)
    })
    this.#logins.set(device, login)
    return login
  }
}
