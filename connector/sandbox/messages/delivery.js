// @ts-check
/** Delivery of messages and receipts between phones and linked devices. */

import { getBinaryNodeChild, getBinaryNodeChildren, jidDecode } from 'baileys'
import { PhoneInboxes } from './phone_inboxes.js'
import { PhoneMessages } from './phone_messages.js'
import { OfflineQueue } from './offline_queue.js'
import { Endpoints } from './signal.js'
import { stanza, timestamp } from '../protocol/stanza.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { Device, Devices } from '../accounts/devices.js' */
/** @import { Phone, Phones } from '../accounts/phone.js' */

/** @typedef {{ phone: Phone, number: number }} Place a phone (number 0), or one of its devices */

export class Delivery {
  #devices
  #phones
  #online
  #offlineQueue = new OfflineQueue(jid => this.placeOf(jid)?.phone.number ?? jid)

  /**
   * @param {object} server
   * @param {Devices} server.devices
   * @param {Phones} server.phones
   * @param {(device: Device) => { deliver: (node: BinaryNode) => void } | undefined} server.online
   */
  constructor({ devices, phones, online }) {
    this.#devices = devices
    this.#phones = phones
    this.#online = online
    this.endpoints = new Endpoints()
    const deliver = this.#deliver.bind(this)
    this.phoneMessages = new PhoneMessages({ devices, endpoints: this.endpoints, deliver })
    this.phoneInboxes = new PhoneInboxes({ devices, endpoints: this.endpoints, deliver })
  }

  /**
   * Stanzas that a device has not acknowledged.
   * @param {Device} device
   */
  waiting(device) {
    return this.#offlineQueue.of(device)
  }

  /**
   * A device acknowledges a message or a receipt.
   * @param {Device} device
   * @param {BinaryNode} ack
   */
  acknowledged(device, { attrs }) {
    this.#offlineQueue.settle(device, attrs.class ?? '', attrs)
  }

  /**
   * A device sends a message: one copy for each phone and each other device.
   * @param {Device} sender
   * @param {BinaryNode} message
   */
  async message(sender, message) {
    const { id = '', to: jid = '' } = message.attrs
    const participants = getBinaryNodeChildren(getBinaryNodeChild(message, 'participants'), 'to')
    for (const copy of participants.length > 0 ? participants : [stanza('to', { jid }, message.content)]) {
      const enc = getBinaryNodeChild(copy, 'enc')
      const place = this.placeOf(copy.attrs.jid)
      if (!enc || !place) continue
      if (place.number === 0) await this.phoneInboxes.receive(place.phone, sender, { id, enc })
      else this.#forwardMessage(place, sender, message, enc)
    }
  }

  /**
   * A device sends a receipt for a message.
   * @param {Device} device
   * @param {BinaryNode} receipt
   */
  async receipt(device, { attrs, content }) {
    const { id = '', to, participant = to, type = 'delivered' } = attrs
    const count = getBinaryNodeChild({ tag: 'receipt', attrs, content }, 'retry')?.attrs.count
    this.#offlineQueue.settle(device, 'message', attrs)
    const place = this.placeOf(participant)
    if (!place) return
    if (place.number === 0) return this.phoneMessages.receipt(place.phone, device, { id, type, count })
    const { to: _, ...rest } = attrs
    this.#forward(place, stanza('receipt', { ...rest, from: jidOf(device), t: timestamp() }, content))
  }

  /** Forgets what phones have sent and received. The queue of a device goes with the device. */
  forget() {
    this.endpoints.forget()
    this.phoneMessages.forget()
    this.phoneInboxes.forget()
  }

  /**
   * @param {string | undefined} jid
   * @returns {Place | undefined}
   */
  placeOf(jid) {
    const address = jidDecode(jid)
    if (!address?.user) return undefined
    const { server, user, device: number = 0 } = address
    const phone = server === 's.whatsapp.net' ? this.#phones.get(user) : this.#phones.find(user)
    return phone && { phone, number }
  }

  /**
   * @param {Device} device
   * @param {BinaryNode} node
   */
  #deliver(device, node) {
    this.#offlineQueue.put(device, node)
    this.#online(device)?.deliver(node)
  }

  /**
   * @param {Place} place
   * @param {BinaryNode} node
   */
  #forward({ phone, number }, node) {
    const device = this.#devices.find(phone.number, number)
    if (device) this.#deliver(device, node)
  }

  /**
   * A device gets its copy of what another device sent.
   * @param {Place} place
   * @param {Device} sender
   * @param {BinaryNode} message
   * @param {BinaryNode} enc
   */
  #forwardMessage(place, sender, message, enc) {
    const { id = '', type = 'text', to = '' } = message.attrs
    const { number, lid } = this.#phones.get(sender.phoneNumber)
    const isOwn = place.phone.number === number
    /** @type {Record<string, string>} */
    const others = isOwn ? this.#recipient(to) : { sender_lid: `${lid}:${sender.device}@lid` }
    const attrs = { from: jidOf(sender), addressing_mode: 'pn', ...others, id, type, t: timestamp() }
    const identity = getBinaryNodeChild(message, 'device-identity')
    this.#forward(place, stanza('message', attrs, identity ? [enc, identity] : [enc]))
  }

  /** The recipient of an account's message, by both addresses. @param {string} jid @returns {Record<string, string>} */
  #recipient(jid) {
    const place = this.placeOf(jid)
    if (!place) return { recipient: jid }
    const [pn, lid] = [`${place.phone.number}@s.whatsapp.net`, `${place.phone.lid}@lid`]
    return jid.endsWith('@lid')
      ? { recipient: jid, peer_recipient_pn: pn }
      : { recipient: jid, peer_recipient_lid: lid }
  }
}

/** @param {Device} device */
function jidOf({ phoneNumber, device }) {
  return `${phoneNumber}:${device}@s.whatsapp.net`
}
