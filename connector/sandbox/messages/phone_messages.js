// @ts-check
/** Messages of phones to linked devices, and the receipts for them. */

import { envelope, ownEnvelope } from './envelopes.js'
import { log } from '../server/logger.js'
import { Refusal } from '../server/refusal.js'
import { SenderKeys } from './sender_keys.js'
import { stanza } from '../protocol/stanza.js'

/** @import { BinaryNode, proto } from 'baileys' */
/** @import { Device, Devices } from '../accounts/devices.js' */
/** @import { Group } from '../accounts/groups.js' */
/** @import { Phone } from '../accounts/phone.js' */
/** @import { Endpoints } from './signal.js' */

/** Messages that phones can send again. */
const MAX_REMEMBERED_MESSAGES = 1000

/**
 * @typedef {object} OutgoingMessage a message that a phone sends
 * @property {Phone} from
 * @property {Phone} [to] the other phone in a chat of two
 * @property {Group} [group]
 * @property {string} id
 * @property {proto.IMessage} content
 * @property {string} [type] of the stanza
 * @property {string} [edit] attribute of the stanza
 * @property {string} pushName
 * @property {boolean} byLid addressed by the LID of the phone; a group has its own addressing
 * @property {number} corruptCopies number of copies for each device that cannot be decrypted
 * @property {boolean} withoutKey devices that lack the sender key of the group get it only after they ask again
 * @property {boolean} hasOneAddress without the phone's other address; not in groups
 * @property {boolean} [isAbsent] the stanza says that its content is withheld from linked devices
 * @property {boolean} [isPeer] a protocol message of a phone to its own devices
 *
 * @typedef {{ id: string, from: string, device: number, type: string }} Receipt of a device for a message
 */

export class PhoneMessages {
  #devices
  #endpoints
  #deliver
  #senderKeys = new SenderKeys()
  /** By sender and id: two phones may use one id. @type {Map<string, OutgoingMessage>} */
  #sent = new Map()
  /** How many copies a device has got. @type {WeakMap<OutgoingMessage, Map<Device, number>>} */
  #copies = new WeakMap()
  /** @type {Map<Phone, Receipt[]>} */
  #receipts = new Map()

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

  /**
   * Sends a message to the linked devices of another phone, or of the members of a group. The phone's own devices get a copy.
   * @param {OutgoingMessage} message
   */
  async send(message) {
    const { from, to, group } = message
    const members = group ? group.members : to ? [to] : []
    const devices = members.flatMap(({ number }) => this.#devices.of(number))
    const own = group || to === from ? [] : this.#devices.of(from.number)
    if (devices.length + own.length === 0) throw new Refusal(404, 'no-such-device', 'nobody here has a linked device')
    this.#remember(message)
    if (group) await this.#sendToGroup(message, group, devices)
    else await Promise.all([...devices, ...own].map(device => this.#sendToDevice(message, device)))
    return { id: message.id, devices: devices.map(({ device }) => device) }
  }

  /** The content of a message that a phone has sent. @param {Phone} phone @param {string} id */
  sent(phone, id) {
    return this.#sent.get(keyOf(phone, id))?.content
  }

  /** @param {Phone} phone */
  receipts(phone) {
    return this.#receipts.get(phone) ?? []
  }

  /**
   * A device sends a receipt for a phone's message, or asks for the message again.
   * @param {Phone} phone
   * @param {Device} device
   * @param {{ id: string, type: string, count?: string }} receipt count: of a `retry`, how often the device has asked
   */
  async receipt(phone, device, { id, type, count = '1' }) {
    const receipts = this.receipts(phone)
    receipts.push({ id, from: device.phoneNumber, device: device.device, type })
    this.#receipts.set(phone, receipts)
    const message = this.#sent.get(keyOf(phone, id))
    if (type !== 'retry' || !message) return
    log('sent_again', { phone: phone.number, device: device.device })
    await this.#endpoints.of(phone).forget(device)
    await this.#sendToDevice(message, device, count)
  }

  /** Members came or went. @param {Group} group @param {Phone[]} members those who were there before */
  renewKeys(group, members) {
    this.#senderKeys.renew(group, members)
  }

  forget() {
    this.#senderKeys.forget()
    this.#sent.clear()
    this.#receipts.clear()
  }

  /** @param {OutgoingMessage} message */
  #remember(message) {
    this.#sent.set(keyOf(message.from, message.id), message)
    const [oldest] = this.#sent.keys()
    if (this.#sent.size > MAX_REMEMBERED_MESSAGES && oldest !== undefined) this.#sent.delete(oldest)
  }

  /**
   * Encrypts a message once for all devices, with the sender key. A device that lacks the key gets it in the same stanza.
   * @param {OutgoingMessage} message
   * @param {Group} group
   * @param {Device[]} devices
   */
  async #sendToGroup(message, group, devices) {
    const key = await this.#senderKeys.distribution(group, message.from)
    const sealed = await this.#senderKeys.encrypt(group, message.from, message.content)
    await Promise.all(
      devices.map(async device => {
        const hasKey = message.withoutKey || this.#senderKeys.isGiven(group, message.from, device)
        const keys = hasKey ? [] : [await this.#encrypt(message, device, key)]
        const copy = { ...sealed, content: Buffer.from(/** @type {Buffer} */ (sealed.content)) }
        this.#deliverCopy(message, device, [...keys, copy])
      })
    )
  }

  /**
   * Encrypts a message for one device. A group message is sent again in this way, with the sender key inside.
   * @param {OutgoingMessage} message
   * @param {Device} device
   * @param {string} [count] how often the device has asked again
   */
  async #sendToDevice(message, device, count) {
    const { from, to, group, content } = message
    const key = group ? await this.#senderKeys.distribution(group, from) : {}
    const isOwn = !group && device.phoneNumber === from.number && to !== from
    const destinationJid = `${to?.number}@s.whatsapp.net`
    const sent = isOwn ? { deviceSentMessage: { destinationJid, message: content } } : content
    const enc = await this.#encrypt(message, device, { ...sent, ...key })
    if (count) enc.attrs.count = count
    this.#deliverCopy(message, device, [enc], isOwn)
  }

  /** @param {OutgoingMessage} message @param {Device} device @param {proto.IMessage} content */
  async #encrypt({ from }, device, content) {
    const { length } = device.preKeys
    const enc = await this.#endpoints.of(from).encrypt(device, content)
    if (device.preKeys.length < length) this.#devices.save() // the file is written for a one-time key, not for each message
    return enc
  }

  /** @param {OutgoingMessage} message @param {Device} device @param {BinaryNode[]} encs the message is in the last one */
  #deliverCopy(message, device, encs, isOwn = false) {
    const copies = this.#copies.get(message) ?? new Map()
    this.#copies.set(message, copies.set(device, (copies.get(device) ?? 0) + 1))
    const last = encs.at(-1)
    if (last && copies.get(device) <= message.corruptCopies) corrupt(last)
    const attrs = isOwn && message.to ? ownEnvelope(message, message.to) : envelope(message)
    const content = message.isAbsent ? [stanza('unavailable', { hosted: 'false' })] : encs
    this.#deliver(device, stanza('message', attrs, content))
  }
}

/** @param {Phone} from @param {string} id */
function keyOf({ number }, id) {
  return `${number} ${id}`
}

/** @param {BinaryNode} enc */
function corrupt(enc) {
  const bytes = /** @type {Buffer} */ (enc.content)
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 0xff, bytes.length - 1)
}
