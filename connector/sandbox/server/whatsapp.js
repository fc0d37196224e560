// @ts-check
/** The simulated WhatsApp: its connections, its accounts and its messages. */

import { Acceptance } from '../messages/acceptance.js'
import { Admission } from './admission.js'
import { Connection } from './connection.js'
import { Connections } from './connections.js'
import { Conversations } from '../messages/conversations.js'
import { Delivery } from '../messages/delivery.js'
import { DeviceLists } from '../accounts/device_lists.js'
import { Devices } from '../accounts/devices.js'
import { DirtyMarks } from '../accounts/dirty_marks.js'
import { Faults } from './faults.js'
import { Groups } from '../accounts/groups.js'
import { Linking, nameOf } from '../accounts/linking.js'
import { LiveStanzas } from '../messages/live_stanzas.js'
import { Phones } from '../accounts/phone.js'
import { Presences } from '../accounts/presences.js'
import { notificationAbout } from '../accounts/notifications.js'
import { historyRequest } from './control_requests.js'
import { readSettings } from './settings.js'
import { makeTrust } from '../protocol/certificates.js'
import { UnknownStanzas } from './unknown_stanzas.js'

/** @import { WebSocket } from 'ws' */
/** @import { Device } from '../accounts/devices.js' */
/** @import { ConnectionFaults } from './faults.js' */

export class WhatsApp {
  #devices
  #phones
  #groups
  #presences = new Presences()
  #deviceLists
  #unknownStanzas = new UnknownStanzas()
  #dirtyMarks = new DirtyMarks()
  /** Values of the settings that a request leaves out. */
  #defaults
  #settings
  /** @type {Admission} */
  #admission
  #delivery
  #acceptance

  /**
   * @param {{ stateFile: string | null, rootSeed?: string, qrLifetime?: number }} options qrLifetime: seconds of each code
   */
  constructor({ stateFile, rootSeed, qrLifetime }) {
    this.#defaults = readSettings(qrLifetime ? { qrLifetimes: [qrLifetime] } : {})
    this.#settings = this.#defaults
    this.faults = new Faults()
    this.#devices = new Devices(stateFile)
    this.trust = makeTrust(this.#devices.serverKey, rootSeed)
    this.#phones = new Phones()
    this.#devices.all.forEach(({ phoneNumber }) => this.#phones.get(phoneNumber))
    this.#groups = new Groups(this.#phones)
    const accounts = { devices: this.#devices, phones: this.#phones, groups: this.#groups, presences: this.#presences }
    const online = (/** @type {Device} */ device) => this.#admission.login(device)
    this.#delivery = new Delivery({ ...accounts, online })
    this.#acceptance = new Acceptance(this.#delivery)
    const settings = () => this.#settings
    this.#deviceLists = new DeviceLists({ ...accounts, delivery: this.#delivery, settings })
    const server = { ...accounts, delivery: this.#delivery, deviceLists: this.#deviceLists }
    this.#admission = new Admission({
      ...server,
      acceptance: this.#acceptance,
      unknownStanzas: this.#unknownStanzas,
      dirtyMarks: this.#dirtyMarks,
      settings
    })
    this.connections = new Connections({ ...accounts, admission: this.#admission })
    this.conversations = new Conversations(server)
    this.liveStanzas = new LiveStanzas({ ...server, online })
    this.linking = new Linking({
      ...server,
      admission: this.#admission,
      onLinked: device => this.#sendFirstHistory(device)
    })
  }

  /**
   * @param {WebSocket} socket
   * @param {ConnectionFaults} fault
   */
  accept(socket, fault) {
    const admit = this.#admission.admit.bind(this.#admission)
    const connection = new Connection(socket, { trust: this.trust, fault, admit })
    this.connections.add(connection, socket)
  }

  state() {
    const describe = (/** @type {Device} */ device) => ({
      ...nameOf(device),
      deviceName: device.deviceName ?? null,
      online: !!this.#admission.login(device)
    })
    return {
      devices: this.#devices.all.map(describe),
      sockets: this.connections.size,
      ...this.#admission.counts,
      notifications: this.#admission.notifications.counts,
      unknownQueries: this.#unknownStanzas.queries,
      cleaned: this.#dirtyMarks.cleaned,
      faults: this.faults,
      settings: this.#settings
    }
  }

  /** The last number of the version that the site's service worker names; null: no worker. */
  get clientRevision() {
    return this.#settings.clientRevision
  }

  /**
   * Replaces all faults. Cleaned marks count as dirty again.
   * @param {Record<string, unknown>} wanted
   */
  setFaults(wanted) {
    this.faults.set(wanted)
    this.#dirtyMarks.forget()
    return this.faults
  }

  /**
   * Replaces the settings, for sockets that connect from now on.
   * @param {Record<string, unknown>} wanted
   */
  setSettings(wanted) {
    this.#settings = readSettings(wanted, this.#defaults)
    this.#phones.unknown = new Set(this.#settings.unknownNumbers)
    this.#phones.offline = new Set(this.#settings.offlinePhones)
    this.#delivery.phoneInboxes.catchUp()
    return this.#settings
  }

  /**
   * Sends a notification to the connected devices of a phone.
   * @param {string} phoneNumber
   * @param {{ about: string, contact: string | null }} wanted
   */
  notify(phoneNumber, { about, contact }) {
    const logins = this.#devices.of(phoneNumber).flatMap(device => this.#admission.login(device) ?? [])
    const context = { contact, phones: this.#phones, deviceLists: this.#deviceLists }
    for (const login of logins) login.deliver(notificationAbout(about, { ...context, fault: login.connection.fault }))
    return logins.length
  }

  reset() {
    this.connections.drop(null)
    this.setFaults({})
    this.setSettings({})
    this.#devices.forgetAll()
    this.#unknownStanzas.forget()
    this.#groups.forget()
    this.#delivery.forget()
    this.#deviceLists.forget()
    this.#presences.forget()
    this.#acceptance.forget()
    this.#admission.forget()
  }

  /** Sends the history of the phone to a device that was just linked, if the settings say so. @param {Device} device */
  async #sendFirstHistory({ phoneNumber }) {
    const { history: more } = this.#settings
    if (more > 0) await this.conversations.sendHistory(historyRequest({ phoneNumber, more }))
  }
}
