// @ts-check
/** Delivery of messages and receipts between phones and linked devices. */

import { jidDecode } from 'baileys'
import { addressOf } from './envelopes.js'
import { FanOut } from './fan_out.js'
import { OfflineQueue } from './offline_queue.js'
import { PhoneInboxes } from './phone_inboxes.js'
import { PhoneMessages } from './phone_messages.js'
import { idsOf, Receipts } from './receipts.js'
import { Endpoints } from './signal.js'
import { stanza } from '../protocol/stanza.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { Device, Devices } from '../accounts/devices.js' */
/** @import { Groups } from '../accounts/groups.js' */
/** @import { Phone, Phones } from '../accounts/phone.js' */
/** @import { Presences } from '../accounts/presences.js' */

/** @typedef {{ phone: Phone, number: number }} Place a phone (number 0), or one of its devices */

export class Delivery {
  #devices
  #phones
  #groups
  #presences
  #online
  #fanOut
  #receipts
  #offlineQueue = new OfflineQueue(jid => this.placeOf(jid)?.phone.number ?? jid)
  /** Who has written to whom, as `from to`. @type {Set<string>} */
  #written = new Set()

  /**
   * @param {object} server
   * @param {Devices} server.devices
   * @param {Phones} server.phones
   * @param {Groups} server.groups
   * @param {Presences} server.presences
   * @param {(device: Device) => { deliver: (node: BinaryNode) => void } | undefined} server.online
   */
  constructor({ devices, phones, groups, presences, online }) {
    this.#devices = devices
    this.#phones = phones
    this.#groups = groups
    this.#presences = presences
    this.#online = online
    this.endpoints = new Endpoints()
    const deliver = this.#deliver.bind(this)
    this.phoneMessages = new PhoneMessages({ devices, endpoints: this.endpoints, deliver })
    this.phoneInboxes = new PhoneInboxes({ devices, phones, endpoints: this.endpoints, deliver })
    const server = { devices, phones, groups, presences, deliver, delivery: this }
    this.#fanOut = new FanOut(server)
    this.#receipts = new Receipts({ ...server, phoneMessages: this.phoneMessages })
  }

  /**
   * Sends a notification to the devices of phones. It waits for those that are away.
   * @param {Phone[]} phones
   * @param {BinaryNode} notification
   */
  notify(phones, notification) {
    const devices = phones.flatMap(({ number }) => this.#devices.of(number))
    for (const device of devices) this.#deliver(device, notification)
    return devices.length
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

  /** Why the server refuses a message of a device; undefined: it takes it. @param {Device} device @param {BinaryNode} message */
  refusal(device, message) {
    return this.#fanOut.refusal(device, message)
  }

  /**
   * A device sends a message. What each phone makes of its copy takes longer, and is not waited for.
   * @param {Device} sender
   * @param {BinaryNode} message
   * @param {{ receiptsForDuplicates: boolean }} faults
   * @returns {string | undefined} the hash of the devices that the server knows, if the sender must know it
   */
  message(sender, message, faults) {
    this.wrote(sender.phoneNumber, this.chatOf(message))
    return this.#fanOut.send(sender, message, faults)
  }

  /**
   * A device sends a receipt for messages.
   * @param {Device} device
   * @param {BinaryNode} receipt
   */
  async receipt(device, receipt) {
    if (receipt.attrs.type !== 'retry') this.#settle(device, receipt)
    await this.#receipts.pass(device, receipt)
  }

  /** A device starts to type, or stops: the devices of the chat that are shown as online hear of it. @param {Device} device @param {BinaryNode} chatState */
  type(device, chatState) {
    const chat = this.chatOf(chatState)
    this.#presences.type(device, chat, chatState)
    const { to = '' } = chatState.attrs
    const group = this.#groups.find(to)
    const { own } = this.addressesOf(device, group ? group.addressingMode === 'lid' : to.endsWith('@lid'))
    /** @type {Record<string, string>} */
    const attrs = group ? { from: group.id, participant: own } : { from: own }
    const numbers = group ? group.members.map(({ number }) => number) : [chat]
    for (const other of numbers.flatMap(number => this.#devices.of(number)))
      if (other.phoneNumber !== device.phoneNumber && this.#presences.of(other).type === 'available')
        this.#online(other)?.deliver(stanza('chatstate', attrs, chatState.content))
  }

  /** Whether somebody who got this message of the device has asked for it again. @param {Device} device @param {string} id */
  wasAskedAgain(device, id) {
    return this.#receipts.wasAskedAgain(device, id) || this.phoneInboxes.wasAskedAgain(device, id)
  }

  /** Notes that somebody has written to a number or to a group. @param {string} from @param {string} to */
  wrote(from, to) {
    this.#written.add(`${from} ${to}`)
  }

  /** Whether somebody has ever written to a number. Groups count as such. @param {string} from @param {string} to */
  hasWritten(from, to) {
    return from.endsWith('@g.us') || this.#written.has(`${from} ${to}`)
  }

  /** The chat to which a device sends a message: the number of its recipient, or the id of a group. @param {BinaryNode} message */
  chatOf({ attrs: { to = '', recipient = to } }) {
    return this.placeOf(recipient)?.phone.number ?? recipient
  }

  /** Forgets what phones have sent and received. The queue of a device goes with the device. */
  forget() {
    this.endpoints.forget()
    this.phoneMessages.forget()
    this.phoneInboxes.forget()
    this.#receipts.forget()
    this.#written.clear()
  }

  /**
   * @param {string | undefined} jid
   * @returns {Place | undefined}
   */
  placeOf(jid) {
    const address = jidDecode(jid)
    if (!address?.user) return undefined
    const { server, user, device: number = 0 } = address
    if (server === 's.whatsapp.net') return { phone: this.#phones.get(user), number }
    const phone = server === 'lid' ? this.#phones.find(user) : undefined
    return phone && { phone, number }
  }

  /** Addresses of a device: the one of the wanted kind, and the other. @param {Device} device @param {boolean} byLid */
  addressesOf({ phoneNumber, device }, byLid) {
    const phone = this.#phones.get(phoneNumber)
    return { own: addressOf(phone, byLid, device), other: addressOf(phone, !byLid) }
  }

  /** A receipt settles every message that it names. @param {Device} device @param {BinaryNode} receipt */
  #settle(device, receipt) {
    for (const id of idsOf(receipt)) this.#offlineQueue.settle(device, 'message', { ...receipt.attrs, id })
  }

  /**
   * @param {Device} device
   * @param {BinaryNode} node
   */
  #deliver(device, node) {
    this.#offlineQueue.put(device, node)
    this.#online(device)?.deliver(node)
  }
}
