// @ts-check
/** What phones write to linked devices, and which of it was received. */

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

/** Messages that phones can send once more. */
const REMEMBERED = 1000

/**
 * @typedef {object} Letter a message that a phone sends
 * @property {Phone} from
 * @property {Phone} [to] the other in a chat of two
 * @property {Group} [group]
 * @property {string} id
 * @property {proto.IMessage} message
 * @property {string} pushName
 * @property {boolean} byLid addressed by the number that stands in for the phone's; a group has its own way
 * @property {number} corruptCopies so many copies for each device cannot be decrypted
 * @property {boolean} withoutKey the sender key of the group is not given to devices that lack it, until they ask again
 * @property {boolean} hasOneAddress without the phone's other address; not in groups
 * @property {boolean} [isAbsent] the stanza says that its content is kept from linked devices
 * @property {boolean} [isPeer] what a phone tells its own devices, and nobody reads
 *
 * @typedef {{ id: string, from: string, device: number, type: string }} Receipt what became of a message at a device
 */

export class Letters {
  #devices
  #endpoints
  #post
  #senderKeys = new SenderKeys()
  /** By sender and id: two phones may use one id. @type {Map<string, Letter>} */
  #sent = new Map()
  /** How many copies a device has got. @type {WeakMap<Letter, Map<Device, number>>} */
  #copies = new WeakMap()
  /** @type {Map<Phone, Receipt[]>} */
  #receipts = new Map()

  /**
   * @param {object} server
   * @param {Devices} server.devices
   * @param {Endpoints} server.endpoints
   * @param {(device: Device, node: BinaryNode) => void} server.post
   */
  constructor({ devices, endpoints, post }) {
    this.#devices = devices
    this.#endpoints = endpoints
    this.#post = post
  }

  /**
   * A phone writes to the linked devices of another, or of the members of a group. Its own linked devices get a copy.
   * @param {Letter} letter
   */
  async send(letter) {
    const { from, to, group } = letter
    const members = group ? group.members : to ? [to] : []
    const devices = members.flatMap(({ number }) => this.#devices.of(number))
    const own = group || to === from ? [] : this.#devices.of(from.number)
    if (devices.length + own.length === 0) throw new Refusal(404, 'no-such-device', 'nobody here has a linked device')
    this.#remember(letter)
    if (group) await this.#writeToGroup(letter, group, devices)
    else await Promise.all([...devices, ...own].map(device => this.#write(letter, device)))
    return { id: letter.id, devices: devices.map(({ device }) => device) }
  }

  /** @param {Phone} phone */
  receipts(phone) {
    return this.#receipts.get(phone) ?? []
  }

  /**
   * A device says what became of a phone's message, or asks for it once more.
   * @param {Phone} phone
   * @param {Device} device
   * @param {{ id: string, type: string, count?: string }} receipt count: of a `retry`, how often it has asked
   */
  async receipt(phone, device, { id, type, count = '1' }) {
    this.#receipts.set(phone, [...this.receipts(phone), { id, from: device.phoneNumber, device: device.device, type }])
    const letter = this.#sent.get(keyOf(phone, id))
    if (type !== 'retry' || !letter) return
    log('sent_again', { phone: phone.number, device: device.device })
    await this.#endpoints.of(phone).forget(device)
    await this.#write(letter, device, count)
  }

  forget() {
    this.#senderKeys.forget()
    this.#sent.clear()
    this.#receipts.clear()
  }

  /** @param {Letter} letter */
  #remember(letter) {
    this.#sent.set(keyOf(letter.from, letter.id), letter)
    const [oldest] = this.#sent.keys()
    if (this.#sent.size > REMEMBERED && oldest !== undefined) this.#sent.delete(oldest)
  }

  /**
   * Encrypted once for all, by the sender key. A device that lacks it gets it in the same stanza.
   * @param {Letter} letter
   * @param {Group} group
   * @param {Device[]} devices
   */
  async #writeToGroup(letter, group, devices) {
    const key = await this.#senderKeys.distribution(group, letter.from)
    const sealed = await this.#senderKeys.encrypt(group, letter.from, letter.message)
    await Promise.all(
      devices.map(async device => {
        const hasKey = letter.withoutKey || this.#senderKeys.isGiven(group, letter.from, device)
        const keys = hasKey ? [] : [await this.#encrypt(letter, device, key)]
        this.#deliver(letter, device, [
          ...keys,
          { ...sealed, content: Buffer.from(/** @type {Buffer} */ (sealed.content)) }
        ])
      })
    )
  }

  /**
   * Encrypted for one device alone. In a group that is how a message is sent again, with the sender key inside.
   * @param {Letter} letter
   * @param {Device} device
   * @param {string} [count] how often the device has asked again
   */
  async #write(letter, device, count) {
    const { from, group, message } = letter
    const key = group ? await this.#senderKeys.distribution(group, from) : {}
    const isOwn = !group && device.phoneNumber === from.number && letter.to !== from
    const content = isOwn
      ? { deviceSentMessage: { destinationJid: `${letter.to?.number}@s.whatsapp.net`, message } }
      : message
    const enc = await this.#encrypt(letter, device, { ...content, ...key })
    if (count) enc.attrs.count = count
    this.#deliver(letter, device, [enc], isOwn)
  }

  /** @param {Letter} letter @param {Device} device @param {proto.IMessage} message */
  async #encrypt({ from }, device, message) {
    const enc = await this.#endpoints.of(from).encrypt(device, message)
    this.#devices.save() // a one-time key may be used up
    return enc
  }

  /** @param {Letter} letter @param {Device} device @param {BinaryNode[]} encs the message is in the last one */
  #deliver(letter, device, encs, isOwn = false) {
    const copies = this.#copies.get(letter) ?? new Map()
    this.#copies.set(letter, copies.set(device, (copies.get(device) ?? 0) + 1))
    const last = encs.at(-1)
    if (last && copies.get(device) <= letter.corruptCopies) corrupt(last)
    const attrs = isOwn && letter.to ? ownEnvelope(letter, letter.to) : envelope(letter)
    this.#post(device, stanza('message', attrs, letter.isAbsent ? [stanza('unavailable', { hosted: 'false' })] : encs))
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
