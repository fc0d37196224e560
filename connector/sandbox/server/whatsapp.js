// @ts-check
/** The simulated WhatsApp: its connections, its accounts and its messages. */

import { Acceptance } from '../messages/acceptance.js'
import { Admission } from './admission.js'
import { Connection } from './connection.js'
import { Conversations } from '../messages/conversations.js'
import { Delivery } from '../messages/delivery.js'
import { Devices } from '../accounts/devices.js'
import { DirtyMarks } from '../accounts/dirty_marks.js'
import { Faults } from './faults.js'
import { Groups } from '../accounts/groups.js'
import { Linking, nameOf } from '../accounts/linking.js'
import { Phones } from '../accounts/phone.js'
import { historyRequest } from './control_requests.js'
import { readSettings } from './settings.js'
import { makeTrust } from '../protocol/certificates.js'
import { streamError } from '../protocol/endings.js'
import { UnknownStanzas } from './unknown_stanzas.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { WebSocket } from 'ws' */
/** @import { Device } from '../accounts/devices.js' */
/** @import { ConnectionFaults } from './faults.js' */

export class WhatsApp {
  #devices
  #groups
  #unknownStanzas = new UnknownStanzas()
  #dirtyMarks = new DirtyMarks()
  /** Values of the settings that a request leaves out. */
  #defaults
  #settings
  /** @type {Admission} */
  #admission
  #delivery
  #acceptance
  /** @type {Set<Connection>} */
  #connections = new Set()

  /**
   * @param {{ stateFile: string | null, rootSeed?: string, qrLifetime?: number }} options qrLifetime: seconds of each code
   */
  constructor({ stateFile, rootSeed, qrLifetime }) {
    this.#defaults = readSettings(qrLifetime ? { qrLifetimes: [qrLifetime] } : {})
    this.#settings = this.#defaults
    this.faults = new Faults()
    this.#devices = new Devices(stateFile)
    this.trust = makeTrust(this.#devices.serverKey, rootSeed)
    const phones = new Phones()
    this.#devices.all.forEach(({ phoneNumber }) => phones.get(phoneNumber))
    this.#groups = new Groups(phones)
    const accounts = { devices: this.#devices, phones, groups: this.#groups }
    this.#delivery = new Delivery({ ...accounts, online: device => this.#admission.login(device) })
    this.#acceptance = new Acceptance(this.#delivery)
    this.#admission = new Admission({
      ...accounts,
      acceptance: this.#acceptance,
      delivery: this.#delivery,
      unknownStanzas: this.#unknownStanzas,
      dirtyMarks: this.#dirtyMarks,
      settings: () => this.#settings
    })
    this.conversations = new Conversations({ ...accounts, delivery: this.#delivery })
    this.linking = new Linking({
      ...accounts,
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
    this.#connections.add(connection)
    socket.on('close', () => this.#connections.delete(connection))
  }

  state() {
    const describe = (/** @type {Device} */ device) => ({
      ...nameOf(device),
      deviceName: device.deviceName ?? null,
      online: !!this.#admission.login(device)
    })
    return {
      devices: this.#devices.all.map(describe),
      sockets: this.#connections.size,
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
    return this.#settings
  }

  /**
   * Sends a notification to the connected devices of a phone.
   * @param {string} phoneNumber
   * @param {BinaryNode} notification
   */
  notify(phoneNumber, notification) {
    const logins = this.#devices.of(phoneNumber).flatMap(device => this.#admission.login(device) ?? [])
    logins.forEach(login => login.deliver(notification))
    return logins.length
  }

  /**
   * Cuts connections.
   * @param {string | null} phoneNumber null: all of them
   */
  drop(phoneNumber) {
    return this.#onConnections(phoneNumber, connection => connection.drop())
  }

  /**
   * Makes connections silent.
   * @param {string | null} phoneNumber null: all of them
   */
  freeze(phoneNumber) {
    return this.#onConnections(phoneNumber, connection => connection.freeze())
  }

  /**
   * Ends connections with a stream error.
   * @param {string | null} phoneNumber null: all of them
   * @param {string} error
   */
  endWithStreamError(phoneNumber, error) {
    return this.#onConnections(phoneNumber, connection => connection.end(streamError(error)))
  }

  reset() {
    this.drop(null)
    this.setFaults({})
    this.setSettings({})
    this.#devices.forgetAll()
    this.#unknownStanzas.forget()
    this.#groups.forget()
    this.#delivery.forget()
    this.#acceptance.forget()
    this.#admission.forget()
  }

  /** Sends the history of the phone to a device that was just linked, if the settings say so. @param {Device} device */
  async #sendFirstHistory({ phoneNumber }) {
    const { history: more } = this.#settings
    if (more > 0) await this.conversations.sendHistory(historyRequest({ phoneNumber, more }))
  }

  /**
   * @param {string | null} phoneNumber null: all connections
   * @param {(connection: Connection) => void} act
   * @returns {number} of connections
   */
  #onConnections(phoneNumber, act) {
    const connections =
      phoneNumber === null
        ? [...this.#connections]
        : this.#devices.of(phoneNumber).flatMap(device => this.#admission.login(device)?.connection ?? [])
    connections.forEach(act)
    return connections.length
  }
}
