// @ts-check
/** What linked devices show of themselves: whether they are online, and in which chat they type. */

import { getAllBinaryNodeChildren } from 'baileys'

/** @import { BinaryNode } from 'baileys' */
/** @import { Device } from './devices.js' */

/** Chat states of a phone that are kept. */
const MAX_CHAT_STATES = 1000

/**
 * @typedef {object} ChatState of a device
 * @property {string} from number
 * @property {number} device
 * @property {string} chat number of the other side, or id of a group
 * @property {string} state `composing` or `paused`
 * @property {'text' | 'voice'} kind
 * @property {number} at milliseconds since 1970
 */

export class Presences {
  /** @type {WeakMap<Device, { type: string, name: string | null, subscriptions: string[] }>} */
  #shown = new WeakMap()
  /** The latest ones. @type {ChatState[]} */
  #chatStates = []

  /**
   * A device says whether it is online, or subscribes to the presence of somebody.
   * @param {Device} device
   * @param {BinaryNode} presence
   */
  show(device, { attrs: { type = 'available', name, to = '' } }) {
    const { subscriptions, ...known } = this.of(device)
    if (type === 'subscribe') this.#shown.set(device, { ...known, subscriptions: [...subscriptions, to] })
    else this.#shown.set(device, { type, name: name ?? known.name, subscriptions })
  }

  /** A device starts to type, or stops. @param {Device} device @param {string} chat @param {BinaryNode} chatState */
  type({ phoneNumber, device }, chat, chatState) {
    const [child] = getAllBinaryNodeChildren(chatState)
    if (!child) return
    const kind = child.attrs.media === 'audio' ? 'voice' : 'text'
    this.#chatStates.push({ from: phoneNumber, device, chat, state: child.tag, kind, at: Date.now() })
    if (this.#chatStates.length > MAX_CHAT_STATES) this.#chatStates.shift()
  }

  /** @param {Device} device */
  of(device) {
    return this.#shown.get(device) ?? { type: 'unavailable', name: null, subscriptions: [] }
  }

  /** What devices last said of themselves, by their numbers. @param {Device[]} devices */
  ofDevices(devices) {
    return Object.fromEntries(devices.map(device => [device.device, this.of(device).type]))
  }

  /** Chat states that a phone has seen: of chats with it, or of its groups. @param {(state: ChatState) => boolean} isMeant */
  chatStates(isMeant) {
    return this.#chatStates.filter(isMeant)
  }

  /** A connection has ended: WhatsApp shows no device as online that is not connected. @param {Device} device */
  leave(device) {
    const known = this.#shown.get(device)
    if (known) this.#shown.set(device, { ...known, type: 'unavailable', subscriptions: [] })
  }

  forget() {
    this.#chatStates = []
  }
}
