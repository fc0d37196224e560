// @ts-check
/** Queue of stanzas for linked devices: each waits until the device has acknowledged it. */

/** @import { BinaryNode } from 'baileys' */
/** @import { Device } from '../accounts/devices.js' */

export class OfflineQueue {
  /** @type {WeakMap<Device, Map<string, BinaryNode>>} */
  #waiting = new WeakMap()
  #nameOf

  /** @param {(jid: string) => string} nameOf returns one name for all addresses of an account */
  constructor(nameOf) {
    this.#nameOf = nameOf
  }

  /**
   * @param {Device} device
   * @param {BinaryNode} node
   */
  put(device, node) {
    const queue = this.#waiting.get(device) ?? new Map()
    const { from = '', participant = from } = node.attrs
    this.#waiting.set(device, queue.set(this.#key(node.tag, node.attrs.id, participant), node))
  }

  /**
   * @param {Device} device
   * @returns {BinaryNode[]} the oldest first
   */
  of(device) {
    return [...(this.#waiting.get(device)?.values() ?? [])]
  }

  /**
   * The device has acknowledged a stanza.
   * @param {Device} device
   * @param {string} tag of the stanza
   * @param {Record<string, string>} attrs of the acknowledgement: it names the sender as `to` or `participant`
   */
  settle(device, tag, { id, to = '', participant = to }) {
    this.#waiting.get(device)?.delete(this.#key(tag, id, participant))
  }

  /** Two senders may use one id. @param {string} tag @param {string | undefined} id @param {string} author */
  #key(tag, id, author) {
    return `${tag} ${id} ${this.#nameOf(author)}`
  }
}
