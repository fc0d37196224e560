// @ts-check
/** Open connections, and what the control port does to them. */

import { streamError } from '../protocol/endings.js'

/** @import { Connection } from './connection.js' */
/** @import { Admission } from './admission.js' */
/** @import { Devices } from '../accounts/devices.js' */

export class Connections {
  #devices
  #admission
  /** @type {Set<Connection>} */
  #open = new Set()

  /** @param {{ devices: Devices, admission: Admission }} server */
  constructor({ devices, admission }) {
    this.#devices = devices
    this.#admission = admission
  }

  get size() {
    return this.#open.size
  }

  /** @param {Connection} connection @param {{ on: (event: 'close', listener: () => void) => void }} socket */
  add(connection, socket) {
    this.#open.add(connection)
    socket.on('close', () => this.#open.delete(connection))
  }

  /**
   * Cuts connections.
   * @param {string | null} phoneNumber null: all of them
   */
  drop(phoneNumber) {
    return this.#onEach(phoneNumber, connection => connection.drop())
  }

  /**
   * Makes connections silent.
   * @param {string | null} phoneNumber null: all of them
   */
  freeze(phoneNumber) {
    return this.#onEach(phoneNumber, connection => connection.freeze())
  }

  /**
   * Ends connections with a stream error.
   * @param {string | null} phoneNumber null: all of them
   * @param {string} error
   */
  endWithStreamError(phoneNumber, error) {
    return this.#onEach(phoneNumber, connection => connection.end(streamError(error)))
  }

  /**
   * @param {string | null} phoneNumber null: all connections
   * @param {(connection: Connection) => void} act
   * @returns {number} of connections
   */
  #onEach(phoneNumber, act) {
    const connections =
      phoneNumber === null
        ? [...this.#open]
        : this.#devices.of(phoneNumber).flatMap(device => this.#admission.login(device)?.connection ?? [])
    connections.forEach(act)
    return connections.length
  }
}
