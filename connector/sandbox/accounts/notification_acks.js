// @ts-check
/** Notifications to devices that wait to be linked, and the number of acknowledgements. */

import { newId, SERVER, stanza, timestamp } from '../protocol/stanza.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { Connection } from '../server/connection.js' */

export class UnpairedNotifications {
  #sent = 0
  #acknowledged = 0

  get counts() {
    return { sent: this.#sent, acknowledged: this.#acknowledged }
  }

  /**
   * @param {Connection} connection
   * @param {string} type
   * @param {BinaryNode} child
   */
  send(connection, type, child) {
    this.#sent += 1
    connection.send(stanza('notification', { from: SERVER, type, id: newId(), t: timestamp() }, [child]))
  }

  /** @param {BinaryNode} ack */
  receive({ attrs }) {
    if (attrs.class === 'notification') this.#acknowledged += 1
  }

  forget() {
    this.#sent = this.#acknowledged = 0
  }
}
