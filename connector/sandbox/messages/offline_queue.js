// @ts-check
/** What waits for linked devices: each stanza until the device has acknowledged it. */

/** @import { BinaryNode } from 'baileys' */
/** @import { Device } from '../accounts/devices.js' */

export class Mailboxes {
  /** @type {WeakMap<Device, Map<string, BinaryNode>>} */
  #waiting = new WeakMap()
  #nameOf

  /** @param {(jid: string) => string} nameOf one name for all addresses of an account */
  constructor(nameOf) {
    this.#nameOf = nameOf
  }

  /**
   * @param {Device} device
   * @param {BinaryNode} node
   */
  put(device, node) {
    const box = this.#waiting.get(device) ?? new Map()
    const { from = '', participant = from } = node.attrs
    this.#waiting.set(device, box.set(this.#key(node.tag, node.attrs.id, participant), node))
  }

  /**
   * @param {Device} device
   * @returns {BinaryNode[]} the oldest first
   */
  of(device) {
    return [...(this.#waiting.get(device)?.values() ?? [])]
  }

  /**
   * The device has it.
   * @param {Device} device
   * @param {string} tag of what it has
   * @param {Record<string, string>} attrs of what the device says: it names the sender as `to` or `participant`
   */
  settle(device, tag, { id, to = '', participant = to }) {
    this.#waiting.get(device)?.delete(this.#key(tag, id, participant))
  }

  /** Two senders may use one id. @param {string} tag @param {string | undefined} id @param {string} author */
  #key(tag, id, author) {
    return `${tag} ${id} ${this.#nameOf(author)}`
  }
}
