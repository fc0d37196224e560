// @ts-check
/** What waits for linked devices: each stanza until the device has acknowledged it. */

/** @import { BinaryNode } from 'baileys' */
/** @import { Device } from './devices.js' */

export class Mailboxes {
  /** @type {WeakMap<Device, Map<string, BinaryNode>>} */
  #waiting = new WeakMap()

  /**
   * @param {Device} device
   * @param {BinaryNode} node
   */
  put(device, node) {
    const box = this.#waiting.get(device) ?? new Map()
    this.#waiting.set(device, box.set(`${node.tag} ${node.attrs.id}`, node))
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
   * @param {string} id
   */
  settle(device, tag, id) {
    this.#waiting.get(device)?.delete(`${tag} ${id}`)
  }
}
