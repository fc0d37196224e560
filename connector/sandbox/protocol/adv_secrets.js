// @ts-check
/** Retired adv secrets: a code that carries one of them links no phone any more. */

import { conflict } from '../server/refusal.js'
import { stanza } from './stanza.js'

/** @import { Connection } from '../server/connection.js' */
/** @import { UnpairedNotifications } from '../accounts/notification_acks.js' */

/** Type of the notification that makes a device replace its secret. */
const NOTIFICATION = 'companion_reg_refresh'
/** The two children that WhatsApp Web accepts in it. */
export const REFRESH_CHILDREN = /** @type {[string, string]} */ ([NOTIFICATION, 'pair-device-rotate-qr'])

/** A retired secret counts for every socket: a device that shows it again after a restart is notified again. */
export class AdvSecrets {
  #notifications
  /** @type {Set<string>} base64 */
  #retired = new Set()
  /** Sockets on which a scan has retired a secret. @type {WeakSet<Connection>} */
  #usedSockets = new WeakSet()

  /** @param {UnpairedNotifications} notifications */
  constructor(notifications) {
    this.#notifications = notifications
  }

  /**
   * A phone has scanned a code with this secret. Notifies the device and throws if the secret is retired.
   * @param {Connection} connection the device's
   * @param {Buffer} secret
   */
  use(connection, secret) {
    const child = connection.fault('refreshRegistration')
    if (child && !this.#usedSockets.has(connection)) {
      this.#usedSockets.add(connection)
      this.retire(secret)
    }
    if (!this.#retired.has(secret.toString('base64'))) return
    this.refresh(connection, typeof child === 'string' ? child : NOTIFICATION)
    throw conflict('secret-retired', 'the server has retired the secret in this code: scan the new code of the device')
  }

  /** @param {Buffer} secret */
  retire(secret) {
    this.#retired.add(secret.toString('base64'))
  }

  /**
   * Makes a device replace its secret.
   * @param {Connection} connection
   * @param {string} child
   */
  refresh(connection, child) {
    this.#notifications.send(connection, NOTIFICATION, stanza(child))
  }

  forget() {
    this.#retired.clear()
  }
}
