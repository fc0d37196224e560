// @ts-check
/** Connection of a session to WhatsApp: the present socket, the options of the next one, and when that one opens. */

import { ReconnectSchedule } from './reconnect.js'

/** @typedef {import('./link_options.js').LinkOptions} LinkOptions */
/** @typedef {import('./socket.js').SocketListener} SocketListener */
/** @typedef {Pick<import('./socket.js').WhatsAppSocket, 'requestPairingCode' | 'logout' | 'close' | 'idleFor' | 'headAge'>} Socket */
/** @typedef {(options: LinkOptions, listener: SocketListener) => Socket} OpenSocket */

export class Connection {
  #openSocket
  #listener
  #state
  #reconnect = new ReconnectSchedule(() => this.open())
  /** The last socket, also after it has ended; null before the first one. @type {Socket | null} */
  socket = null
  /** Null before a front has said hello. @type {LinkOptions | null} */
  #options = null

  /**
   * @param {OpenSocket} openSocket
   * @param {SocketListener} listener of every socket
   * @param {Pick<import('./session_state.js').SessionState, 'version'>} state
   */
  constructor(openSocket, listener, state) {
    this.#openSocket = openSocket
    this.#listener = {
      ...listener,
      opened: () => {
        this.#reconnect.opened()
        listener.opened()
      }
    }
    this.#state = state
  }

  /** Whether a front has said what a socket is opened with. */
  get hasOptions() {
    return this.#options !== null
  }

  /** Whether the next socket waits for its time. */
  get isWaiting() {
    return this.#reconnect.isWaiting()
  }

  /**
   * Sets the options of the next socket.
   * @param {LinkOptions} next
   * @returns {{proxy: boolean, deviceName: boolean} | null} what has changed; null: these are the first options
   */
  setOptions(next) {
    const before = this.#options
    this.#options = next
    return before && { proxy: before.proxy !== next.proxy, deviceName: before.deviceName !== next.deviceName }
  }

  /** Opens a socket now, if a front has said with what. */
  open() {
    this.#reconnect.begin()
    if (!this.#options) return
    this.#state.version = this.#options.version
    this.socket = this.#openSocket(this.#options, this.#listener)
  }

  /**
   * Opens the next socket after a pause.
   * @param {import('./baileys_errors.js').Ending} how the last one ended
   * @returns {number} seconds until then
   */
  openLater(how) {
    return this.#reconnect.schedule(how, { used: this.#state.version, next: this.#options?.version ?? null })
  }

  /** The front has named a version: a session that waits for another version tries it. */
  tryVersion() {
    if (this.#options) this.#reconnect.tryVersion(this.#options.version)
  }

  /** Another front has said hello: a session that waits for another version tries again soon. */
  tryForFront() {
    this.#reconnect.tryForFront()
  }

  /** Closes the socket; its listener hears nothing any more. */
  close() {
    this.socket?.close()
  }

  /** Opens no socket any more. */
  cancel() {
    this.#reconnect.cancel()
  }
}
