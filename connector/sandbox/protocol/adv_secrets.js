// @ts-check
/** Adv secrets that the server has retired: a code that carries one of them links no phone any more. */

import { conflict } from '../server/refusal.js'
import { stanza } from './stanza.js'

/** @import { Connection } from '../server/connection.js' */
/** @import { Notices } from '../accounts/notification_acks.js' */

/** What tells a device to replace its secret. */
const NOTIFICATION = 'companion_reg_refresh'
/** The two children that WhatsApp Web accepts in it. */
export const REFRESH_CHILDREN = /** @type {[string, string]} */ ([NOTIFICATION, 'pair-device-rotate-qr'])

/** They are dead for every socket: a device that shows one again after a restart is told again. */
export class Secrets {
  #notices
  /** @type {Set<string>} base64 */
  #retired = new Set()
  /** The sockets on which a scan has retired a secret. @type {WeakSet<Connection>} */
  #met = new WeakSet()

  /** @param {Notices} notices */
  constructor(notices) {
    this.#notices = notices
  }

  /**
   * A phone has scanned a code that carries this secret. Throws if it cannot be linked with it; the device is told then.
   * @param {Connection} connection the device's
   * @param {Buffer} secret
   */
  use(connection, secret) {
    const child = connection.fault('refreshRegistration')
    if (child && !this.#met.has(connection)) {
      this.#met.add(connection)
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
   * Tells a device to replace its secret.
   * @param {Connection} connection
   * @param {string} child
   */
  refresh(connection, child) {
    this.#notices.send(connection, NOTIFICATION, stanza(child))
  }

  forget() {
    this.#retired.clear()
  }
}
