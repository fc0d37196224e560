// @ts-check
/** The simulated WhatsApp: its connections, and what phones do to their linked devices. */

import { Connection } from './connection.js'
import { Devices } from '../accounts/devices.js'
import { Door } from './door.js'
import { streamError } from '../protocol/endings.js'
import { Faults } from './faults.js'
import { Groups } from '../accounts/groups.js'
import { historyMessage, historyWish } from '../messages/histories.js'
import { Marks } from '../accounts/dirty_marks.js'
import { Phones } from '../accounts/phone.js'
import { Post } from '../messages/delivery.js'
import { readQr } from '../protocol/qr.js'
import { conflict, Refusal } from './refusal.js'
import { readSettings } from './settings.js'
import { newId } from '../protocol/stanza.js'
import { makeTrust } from '../protocol/certificates.js'
import { Unknown } from './unknown_stanzas.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { WebSocket } from 'ws' */
/** @import { Device } from '../accounts/devices.js' */
/** @import { ConnectionFaults } from './faults.js' */

/**
 * @typedef {object} Wish a message to be sent
 * @property {string} from the number of the phone
 * @property {string | null} to the number whose devices get it
 * @property {string | null} group the group whose members' devices get it, where `to` is null
 * @property {string} text
 * @property {string} id
 * @property {string} pushName
 * @property {boolean} byLid addressed by the number that stands in for the phone's
 * @property {number} corruptCopies so many copies cannot be decrypted
 * @property {boolean} withoutKey the sender key of the group is kept back until a device asks again
 * @property {boolean} isAbsent the content is kept from linked devices
 * @property {boolean} hasOneAddress without the phone's other address; not in groups
 */

/** How a phone's messages to its own devices are sent. */
const PLAIN = { pushName: '', byLid: false, corruptCopies: 0, withoutKey: false, hasOneAddress: false }

export class WhatsApp {
  #devices
  #phones = new Phones()
  #groups = new Groups(this.#phones)
  #unknown = new Unknown()
  #marks = new Marks()
  /** What a setting is if a request leaves it out. */
  #defaults
  #settings
  /** @type {Door} */
  #door
  #post
  /** @type {Set<Connection>} */
  #connections = new Set()

  /**
   * @param {{ stateFile: string | null, rootSeed?: string, qrLifetime?: number }} options qrLifetime: seconds of each code
   */
  constructor({ stateFile, rootSeed, qrLifetime }) {
    this.#defaults = readSettings(qrLifetime ? { qrLifetimes: [qrLifetime] } : {})
    this.#settings = this.#defaults
    this.faults = new Faults()
    this.#devices = new Devices(stateFile)
    this.#devices.all.forEach(({ phoneNumber }) => this.#phones.get(phoneNumber))
    this.trust = makeTrust(this.#devices.serverKey, rootSeed)
    const parts = { devices: this.#devices, phones: this.#phones }
    this.#post = new Post({ ...parts, online: device => this.#door.login(device) })
    this.#door = new Door({
      ...parts,
      groups: this.#groups,
      post: this.#post,
      unknown: this.#unknown,
      marks: this.#marks,
      settings: () => this.#settings
    })
  }

  /**
   * @param {WebSocket} socket
   * @param {ConnectionFaults} fault
   */
  accept(socket, fault) {
    const admit = this.#door.admit.bind(this.#door)
    const connection = new Connection(socket, { trust: this.trust, fault, admit })
    this.#connections.add(connection)
    socket.on('close', () => this.#connections.delete(connection))
  }

  state() {
    const online = (/** @type {Device} */ device) => ({
      ...linked(device),
      deviceName: device.deviceName ?? null,
      online: !!this.#door.login(device)
    })
    return {
      devices: this.#devices.all.map(online),
      sockets: this.#connections.size,
      ...this.#door.counts,
      notifications: this.#door.notices.counts,
      unknownQueries: this.#unknown.queries,
      cleaned: this.#marks.cleaned,
      faults: this.faults,
      settings: this.#settings
    }
  }

  /** The end of the version that the site's service worker names; null: there is no worker. */
  get clientRevision() {
    return this.#settings.clientRevision
  }

  /**
   * Replaces all faults. What was dirty counts as dirty again.
   * @param {Record<string, unknown>} wanted
   */
  misbehave(wanted) {
    this.faults.set(wanted)
    this.#marks.forget()
    return this.faults
  }

  /**
   * The schedule of codes, for sockets that come from now on.
   * @param {Record<string, unknown>} wanted
   */
  set(wanted) {
    this.#settings = readSettings(wanted, this.#defaults)
    return this.#settings
  }

  /**
   * A phone scans a code.
   * @param {{ qrCode: string, phoneNumber: string, pushName: string | null }} scan
   */
  async scan({ qrCode, phoneNumber, pushName }) {
    const qr = readQr(qrCode)
    const registration = this.#door.holder(qr)
    if (!registration) throw conflict('code-dead', 'no living socket has this code')
    return this.#greet(await registration.scan(this.#phones.get(phoneNumber), { qr, pushName }))
  }

  /**
   * The server has devices replace the secret in their codes, without a scan.
   * @param {{ qrCode: string | null, child: string }} wanted qrCode: whose secret is retired; null: every device that waits
   */
  refreshRegistration({ qrCode, child }) {
    const qr = qrCode === null ? null : readQr(qrCode)
    if (qr) this.#door.secrets.retire(qr.advSecret)
    const holders = qr ? [this.#door.holder(qr)] : this.#door.registrations
    const told = holders.filter(registration => registration !== undefined)
    told.forEach(registration => registration.refresh(child))
    return told.length
  }

  /**
   * The owner types a pairing code on the phone.
   * @param {{ phoneNumber: string, code: string, pushName: string | null }} typed
   */
  async typeCode({ phoneNumber, code, pushName }) {
    const registration = this.#door.waitingFor(phoneNumber)
    if (!registration) throw conflict('code-dead', 'no living socket has asked for a code for this number')
    return this.#greet(await registration.typeCode(this.#phones.get(phoneNumber), { code, pushName }))
  }

  /**
   * The server withdraws a pairing code.
   * @param {string} phoneNumber
   */
  refreshCode(phoneNumber) {
    const registration = this.#door.waitingFor(phoneNumber)
    if (!registration) throw conflict('code-dead', 'no living socket has asked for a code for this number')
    registration.refreshCode()
  }

  /**
   * The phone unlinks its devices.
   * @param {string} phoneNumber
   */
  unlink(phoneNumber) {
    const devices = this.#devices.of(phoneNumber)
    if (devices.length === 0) throw new Refusal(404, 'no-such-device', 'this number has no linked device')
    for (const device of devices) {
      this.#devices.remove(device)
      this.#door.login(device)?.unlink()
    }
    return devices.map(linked)
  }

  /**
   * The server notifies the devices of a phone that are connected.
   * @param {string} phoneNumber
   * @param {BinaryNode} notification
   */
  notify(phoneNumber, notification) {
    const logins = this.#devices.of(phoneNumber).flatMap(device => this.#door.login(device) ?? [])
    logins.forEach(login => login.deliver(notification))
    return logins.length
  }

  /**
   * A phone writes to the linked devices of another, or of the members of a group.
   * @param {Wish} wish
   */
  send({ from, to, group, text, ...rest }) {
    const chat = group === null ? { to: this.#phones.get(to ?? '') } : { group: this.#groups.get(group) }
    const phone = this.#phones.get(from)
    if (chat.group && !chat.group.members.includes(phone))
      throw new Refusal(404, 'no-such-group', 'this phone is no member')
    return this.#post.letters.send({ from: phone, message: { conversation: text }, ...chat, ...rest })
  }

  /**
   * A phone sends its history to its linked devices.
   * @param {import('../messages/histories.js').HistoryWish} wish
   */
  sendHistory(wish) {
    const phone = this.#phones.get(wish.phoneNumber)
    const letter = {
      ...PLAIN,
      from: phone,
      to: phone,
      id: newId(),
      message: historyMessage(wish, this.#phones),
      isPeer: true
    }
    return this.#post.letters.send(letter)
  }

  /** @param {import('../accounts/groups.js').GroupWish} wish */
  makeGroup(wish) {
    const { id, subject, addressingMode, members } = this.#groups.make(wish)
    return { id, subject, addressingMode, members: members.map(({ number }) => number) }
  }

  /**
   * What a phone got from linked devices, and what they said about its own messages.
   * @param {string} phoneNumber
   */
  phone(phoneNumber) {
    const phone = this.#phones.get(phoneNumber)
    const { inboxes, letters } = this.#post
    return { phoneNumber, lid: phone.lid, inbox: inboxes.of(phone), receipts: letters.receipts(phone) }
  }

  /**
   * The owner of a phone reads a message.
   * @param {string} phoneNumber
   * @param {string} id
   */
  read(phoneNumber, id) {
    return this.#post.inboxes.read(this.#phones.get(phoneNumber), id)
  }

  /**
   * Cuts connections.
   * @param {string | null} phoneNumber null: all of them
   */
  drop(phoneNumber) {
    const connections = this.#connectionsOf(phoneNumber)
    connections.forEach(connection => connection.drop())
    return connections.length
  }

  /**
   * Lets connections fall silent.
   * @param {string | null} phoneNumber null: all of them
   */
  freeze(phoneNumber) {
    const connections = this.#connectionsOf(phoneNumber)
    connections.forEach(connection => connection.freeze())
    return connections.length
  }

  /**
   * Ends connections with a stream error.
   * @param {string | null} phoneNumber null: all of them
   * @param {string} error
   */
  breakOff(phoneNumber, error) {
    const connections = this.#connectionsOf(phoneNumber)
    connections.forEach(connection => connection.end(streamError(error)))
    return connections.length
  }

  reset() {
    this.drop(null)
    this.misbehave({})
    this.set({})
    this.#devices.forgetAll()
    this.#unknown.forget()
    this.#groups.forget()
    this.#post.forget()
    this.#door.counts = { registrations: 0, logins: 0 }
    this.#door.notices.forget()
    this.#door.secrets.forget()
  }

  /** A device was linked: its phone sends it the history, if the settings say so. @param {Device} device */
  async #greet(device) {
    const { history: more } = this.#settings
    const wish = historyWish({ phoneNumber: device.phoneNumber, more })
    if (more > 0) await this.sendHistory(wish)
    return linked(device)
  }

  /** @param {string | null} phoneNumber */
  #connectionsOf(phoneNumber) {
    if (phoneNumber === null) return [...this.#connections]
    return this.#devices.of(phoneNumber).flatMap(device => this.#door.login(device)?.connection ?? [])
  }
}

/** @param {Device} device */
function linked({ phoneNumber, device }) {
  return { phoneNumber, device }
}
