// @ts-check
/** Queue of stanzas for linked devices: each waits until the device has acknowledged it. */

/** @import { BinaryNode } from 'baileys' */
/** @import { Device } from '../accounts/devices.js' */

/**
 * @typedef {object} Waiting stanzas of one device
 * @property {Map<number, BinaryNode>} nodes by their place, the oldest first
 * @property {Map<string, number[]>} places by what an acknowledgement names; a message that is sent again has two
 */

export class OfflineQueue {
  /** @type {WeakMap<Device, Waiting>} */
  #waiting = new WeakMap()
  #nameOf
  #last = 0

  /** @param {(jid: string) => string} nameOf returns one name for all addresses of an account */
  constructor(nameOf) {
    this.#nameOf = nameOf
  }

  /**
   * @param {Device} device
   * @param {BinaryNode} node
   */
  put(device, node) {
    const queue = this.#waiting.get(device) ?? { nodes: new Map(), places: new Map() }
    this.#waiting.set(device, queue)
    this.#last += 1
    queue.nodes.set(this.#last, node)
    const { from = '', participant = from } = node.attrs
    const key = this.#key(node.tag, node.attrs, participant)
    queue.places.set(key, [...(queue.places.get(key) ?? []), this.#last])
  }

  /**
   * @param {Device} device
   * @returns {BinaryNode[]} the oldest first
   */
  of(device) {
    return [...(this.#waiting.get(device)?.nodes.values() ?? [])]
  }

  /**
   * The device has acknowledged a stanza: one acknowledgement for each stanza, the oldest first.
   * @param {Device} device
   * @param {string} tag of the stanza
   * @param {Record<string, string>} attrs of the acknowledgement: it names the sender as `to` or `participant`
   */
  settle(device, tag, attrs) {
    const queue = this.#waiting.get(device)
    const { to = '', participant = to } = attrs
    const key = this.#key(tag, attrs, participant)
    const [place, ...others] = queue?.places.get(key) ?? []
    if (!queue || place === undefined) return
    queue.nodes.delete(place)
    if (others.length > 0) queue.places.set(key, others)
    else queue.places.delete(key)
  }

  /**
   * Two senders may use one id, and one message gets several receipts.
   * @param {string} tag
   * @param {Record<string, string>} attrs
   * @param {string} author
   */
  #key(tag, { id, type = '' }, author) {
    return `${tag} ${tag === 'receipt' ? type : ''} ${id} ${this.#nameOf(author)}`
  }
}
