// @ts-check
/** Inboxes of phones: what they receive from linked devices, and their receipts for it. */

import { log } from '../server/logger.js'
import { Refusal } from '../server/refusal.js'
import { stanza, timestamp } from '../protocol/stanza.js'

/** @import { BinaryNode, proto } from 'baileys' */
/** @import { Device, Devices } from '../accounts/devices.js' */
/** @import { Phone } from '../accounts/phone.js' */
/** @import { Endpoints } from './signal.js' */

/** @typedef {{ id: string, from: string, text: string | null }} Received text: null if the message is not a text */

export class PhoneInboxes {
  #devices
  #endpoints
  #deliver
  /** @type {Map<Phone, Received[]>} */
  #received = new Map()

  /**
   * @param {object} server
   * @param {Devices} server.devices
   * @param {Endpoints} server.endpoints
   * @param {(device: Device, node: BinaryNode) => void} server.deliver
   */
  constructor({ devices, endpoints, deliver }) {
    this.#devices = devices
    this.#endpoints = endpoints
    this.#deliver = deliver
  }

  /** @param {Phone} phone */
  of(phone) {
    return this.#received.get(phone) ?? []
  }

  /**
   * A phone gets its copy of a message. It asks again for a copy that it cannot decrypt.
   * @param {Phone} phone
   * @param {Device} sender
   * @param {{ id: string, enc: BinaryNode }} copy
   */
  async receive(phone, sender, { id, enc }) {
    try {
      const message = await this.#endpoints.of(phone).decrypt(sender, enc)
      this.#received.set(phone, [...this.of(phone), { id, from: sender.phoneNumber, text: textOf(message) }])
      if (phone.number !== sender.phoneNumber) this.#sendReceipt(phone, { id, from: sender.phoneNumber }, {})
    } catch (error) {
      log('undecryptable', { phone: phone.number, reason: error instanceof Error ? error.message : String(error) })
      await this.#endpoints.of(phone).forget(sender)
      this.#askAgain(phone, sender, id)
    }
  }

  /**
   * The owner reads a message.
   * @param {Phone} phone
   * @param {string} id
   */
  read(phone, id) {
    const received = this.of(phone).find(message => message.id === id)
    if (!received) throw new Refusal(404, 'no-such-message', 'this phone has no such message')
    this.#sendReceipt(phone, received, { type: 'read' })
    return received
  }

  forget() {
    this.#received.clear()
  }

  /**
   * Sends a receipt to every device of the sender.
   * @param {Phone} phone
   * @param {{ id: string, from: string }} received
   * @param {Record<string, string>} attrs no type: delivered
   */
  #sendReceipt({ number }, { id, from }, attrs) {
    const receipt = stanza('receipt', { from: `${number}@s.whatsapp.net`, id, t: timestamp(), ...attrs })
    for (const device of this.#devices.of(from)) this.#deliver(device, receipt)
  }

  /**
   * @param {Phone} phone
   * @param {Device} sender
   * @param {string} id
   */
  #askAgain(phone, sender, id) {
    const t = timestamp()
    const attrs = { from: `${phone.number}@s.whatsapp.net`, id, t, type: 'retry' }
    const registration = stanza('registration', {}, this.#endpoints.of(phone).registration)
    this.#deliver(sender, stanza('receipt', attrs, [stanza('retry', { count: '1', id, t, v: '1' }), registration]))
  }
}

/**
 * @param {proto.IMessage} message
 * @returns {string | null}
 */
function textOf({ conversation, extendedTextMessage, deviceSentMessage }) {
  if (deviceSentMessage?.message) return textOf(deviceSentMessage.message)
  return conversation || extendedTextMessage?.text || null
}
