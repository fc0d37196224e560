// @ts-check
/** What phones write to linked devices, and which of it was received. */

import { log } from './log.js'
import { Refusal } from './refusal.js'
import { stanza, timestamp } from './stanza.js'

/** @import { BinaryNode, proto } from 'baileys' */
/** @import { Device, Devices } from './devices.js' */
/** @import { Phone } from './phone.js' */
/** @import { Endpoints } from './signal.js' */

/** Messages that phones can send once more. */
const REMEMBERED = 1000

/**
 * @typedef {object} Letter a message that a phone sends
 * @property {Phone} from
 * @property {string} id
 * @property {proto.IMessage} message
 * @property {string} pushName
 * @property {boolean} byLid addressed by the number that stands in for the phone's
 *
 * @typedef {{ id: string, from: string, device: number, type: string }} Receipt what became of a message at a device
 */

export class Letters {
  #devices
  #endpoints
  #post
  /** @type {Map<string, Letter>} */
  #sent = new Map()
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
   * A phone writes to the linked devices of another.
   * @param {Letter} letter
   * @param {{ to: Phone, isCorrupt: boolean }} delivery isCorrupt: it cannot be decrypted, until it is asked for again
   */
  async send(letter, { to, isCorrupt }) {
    const devices = this.#devices.of(to.number)
    if (devices.length === 0) throw new Refusal(404, 'no-such-device', 'this number has no linked device')
    this.#remember(letter)
    await Promise.all(devices.map(device => this.#write(letter, device, isCorrupt)))
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
   * @param {{ id: string, type: string }} receipt
   */
  async receipt(phone, device, { id, type }) {
    this.#receipts.set(phone, [...this.receipts(phone), { id, from: device.phoneNumber, device: device.device, type }])
    const letter = this.#sent.get(id)
    if (type !== 'retry' || letter?.from !== phone) return
    log('sent_again', { phone: phone.number, device: device.device })
    await this.#endpoints.of(phone).forget(device)
    await this.#write(letter, device, false)
  }

  forget() {
    this.#sent.clear()
    this.#receipts.clear()
  }

  /** @param {Letter} letter */
  #remember(letter) {
    this.#sent.set(letter.id, letter)
    const [oldest] = this.#sent.keys()
    if (this.#sent.size > REMEMBERED && oldest !== undefined) this.#sent.delete(oldest)
  }

  /**
   * @param {Letter} letter
   * @param {Device} device
   * @param {boolean} isCorrupt
   */
  async #write(letter, device, isCorrupt) {
    const enc = await this.#endpoints.of(letter.from).encrypt(device, letter.message)
    this.#devices.save() // a one-time key may be used up
    if (isCorrupt) corrupt(enc)
    this.#post(device, stanza('message', envelope(letter), [enc]))
  }
}

/** @param {Letter} letter */
function envelope({ from: { number, lid }, id, pushName, byLid }) {
  const common = { id, t: timestamp(), type: 'text', notify: pushName }
  if (byLid) return { from: `${lid}@lid`, sender_pn: `${number}@s.whatsapp.net`, addressing_mode: 'lid', ...common }
  return { from: `${number}@s.whatsapp.net`, sender_lid: `${lid}@lid`, addressing_mode: 'pn', ...common }
}

/** @param {BinaryNode} enc */
function corrupt(enc) {
  const bytes = /** @type {Buffer} */ (enc.content)
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 0xff, bytes.length - 1)
}
