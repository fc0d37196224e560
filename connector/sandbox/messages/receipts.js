// @ts-check
/** Receipts of linked devices: for messages of phones, and for messages of other devices. */

import { getBinaryNodeChild, getBinaryNodeChildren } from 'baileys'
import { addressOf } from './envelopes.js'
import { RecentKeys } from './recent_keys.js'
import { stanza, timestamp } from '../protocol/stanza.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { Device, Devices } from '../accounts/devices.js' */
/** @import { Groups } from '../accounts/groups.js' */
/** @import { Delivery } from './delivery.js' */
/** @import { PhoneMessages } from './phone_messages.js' */

/** Messages that devices have asked for again. */
const MAX_ASKED_AGAIN = 10_000

/** Receipts for everybody who has the account of the sender. Others, such as `sender`, are for the device that they name. */
const FOR_THE_ACCOUNT = new Set(['delivered', 'inactive', 'read', 'played'])

export class Receipts {
  #devices
  #groups
  #delivery
  #phoneMessages
  #deliver
  #askedAgain = new RecentKeys(MAX_ASKED_AGAIN)

  /**
   * @param {object} server
   * @param {Devices} server.devices
   * @param {Groups} server.groups
   * @param {Delivery} server.delivery
   * @param {PhoneMessages} server.phoneMessages
   * @param {(device: Device, node: BinaryNode) => void} server.deliver
   */
  constructor({ devices, groups, delivery, phoneMessages, deliver }) {
    this.#devices = devices
    this.#groups = groups
    this.#delivery = delivery
    this.#phoneMessages = phoneMessages
    this.#deliver = deliver
  }

  /**
   * Passes a receipt of a device on to the sender of the messages.
   * @param {Device} device
   * @param {BinaryNode} receipt
   */
  async pass(device, receipt) {
    const { to = '', participant = to, type = 'delivered' } = receipt.attrs
    const sender = this.#delivery.placeOf(participant)
    if (!sender) return
    const isForAll = FOR_THE_ACCOUNT.has(type)
    const places = isForAll ? this.#devices.of(sender.phone.number) : [this.#find(sender.phone.number, sender.number)]
    for (const place of places) if (place && place !== device) this.#forward(place, device, receipt)
    if (!isForAll && sender.number > 0) return
    const count = getBinaryNodeChild(receipt, 'retry')?.attrs.count
    for (const id of idsOf(receipt)) await this.#phoneMessages.receipt(sender.phone, device, { id, type, count })
  }

  /** @param {Device} device that has sent the message @param {string} id */
  wasAskedAgain({ phoneNumber, device }, id) {
    return this.#askedAgain.delete(`${phoneNumber}:${device} ${id}`)
  }

  forget() {
    this.#askedAgain.clear()
  }

  /** @param {string} phoneNumber @param {number} number */
  #find(phoneNumber, number) {
    return this.#devices.find(phoneNumber, number)
  }

  /** @param {Device} to @param {Device} from @param {BinaryNode} receipt */
  #forward(to, from, { attrs, content }) {
    const { to: chat = '', participant: _, ...rest } = attrs
    if (attrs.type === 'retry') this.#askedAgain.add(`${to.phoneNumber}:${to.device} ${attrs.id}`)
    const group = this.#groups.find(chat)
    const byLid = group ? group.addressingMode === 'lid' : chat.endsWith('@lid')
    const { own } = this.#delivery.addressesOf(from, byLid)
    /** @type {Record<string, string>} */
    const names = group ? { from: group.id, participant: own } : { from: own }
    this.#deliver(to, stanza('receipt', { ...rest, ...names, t: timestamp() }, content))
  }
}

/** The messages that a receipt is for. @param {BinaryNode} receipt */
export function idsOf(receipt) {
  const items = getBinaryNodeChildren(getBinaryNodeChild(receipt, 'list'), 'item')
  return [receipt.attrs.id ?? '', ...items.map(({ attrs: { id = '' } }) => id)]
}

/**
 * A receipt of a phone.
 * @param {import('../accounts/phone.js').Phone} phone
 * @param {{ id: string, byLid: boolean, group?: import('../accounts/groups.js').Group }} message
 * @param {Record<string, string>} attrs no type: delivered
 * @param {BinaryNode[]} [content]
 */
export function phoneReceipt(phone, { id, byLid, group }, attrs, content) {
  const isByLid = group ? group.addressingMode === 'lid' : byLid
  const own = addressOf(phone, isByLid)
  /** @type {Record<string, string>} */
  const names = group ? { from: group.id, participant: own } : { from: own }
  return stanza('receipt', { ...names, id, t: timestamp(), ...attrs }, content)
}
