// @ts-check
/** Inboxes of phones: what they receive from linked devices, and their receipts for it. */

import { log } from '../server/logger.js'
import { describe } from './message_words.js'
import { OldCounter } from './old_counters.js'
import { phoneReceipt } from './receipts.js'
import { RecentKeys } from './recent_keys.js'
import { Refusal } from '../server/refusal.js'
import { stanza, timestamp } from '../protocol/stanza.js'

/** @import { BinaryNode, proto } from 'baileys' */
/** @import { Device, Devices } from '../accounts/devices.js' */
/** @import { Group } from '../accounts/groups.js' */
/** @import { Phone, Phones } from '../accounts/phone.js' */
/** @import { FaultsOfPhones } from './fan_out.js' */
/** @import { Endpoints } from './signal.js' */

/** How often a phone asks for one message. Source: `retryCount` of tulir/whatsmeow stops at 5. */
const MAX_ASKS = 5

/** Messages for which somebody has asked again. */
const MAX_ASKED_AGAIN = 10_000

/**
 * @typedef {object} Received what a phone shows
 * @property {string} id
 * @property {string} chat the other number, or the id of a group
 * @property {string} from number
 * @property {string} kind
 * @property {string | null} text null if the message has none
 * @property {string} [target] id of the message that it is about
 * @property {string} [edit] attribute of the stanza: `1` an edit, `7` a revoke, `8` a revoke by an admin
 * @property {number} copies how many came under this id; the first one is shown
 *
 * @typedef {object} Envelope of a copy
 * @property {string} id
 * @property {BinaryNode[]} encs
 * @property {Group} [group]
 * @property {string} [edit] attribute of the stanza
 * @property {boolean} byLid the chat is addressed by LID
 * @property {boolean} isPeer a protocol message of a device to its phone
 *
 * @typedef {{ id: string, from: string, isShown: boolean }} Dropped a duplicate of Signal; isShown: its id was shown before
 *
 * @typedef {object} Inbox
 * @property {Received[]} shown in the order in which the phone showed them
 * @property {Map<string, { received: Received, message: proto.IMessage, envelope: Envelope }>} known by sender, chat and id
 * @property {Dropped[]} dropped
 */

export class PhoneInboxes {
  #devices
  #phones
  #endpoints
  #deliver
  /** @type {Map<Phone, Inbox>} */
  #inboxes = new Map()
  /** How often a phone has asked for a message. @type {Map<string, number>} */
  #asks = new Map()
  #askedAgain = new RecentKeys(MAX_ASKED_AGAIN)
  /** Copies for phones that are switched off. @type {{ phone: Phone, sender: Device, envelope: Envelope, faults: FaultsOfPhones }[]} */
  #waiting = []

  /**
   * @param {object} server
   * @param {Devices} server.devices
   * @param {Phones} server.phones
   * @param {Endpoints} server.endpoints
   * @param {(device: Device, node: BinaryNode) => void} server.deliver
   */
  constructor({ devices, phones, endpoints, deliver }) {
    this.#devices = devices
    this.#phones = phones
    this.#endpoints = endpoints
    this.#deliver = deliver
  }

  /** @param {Phone} phone @returns {Inbox} */
  of(phone) {
    /** @type {Inbox} */
    const inbox = this.#inboxes.get(phone) ?? { shown: [], known: new Map(), dropped: [] }
    this.#inboxes.set(phone, inbox)
    return inbox
  }

  /**
   * A phone gets its copy of a message. It asks again for a copy that it cannot decrypt, but not for a duplicate.
   * @param {Phone} phone
   * @param {Device} sender
   * @param {Envelope} envelope
   * @param {FaultsOfPhones} faults
   */
  async receive(phone, sender, envelope, faults) {
    if (this.#phones.offline.has(phone.number)) return void this.#waiting.push({ phone, sender, envelope, faults })
    try {
      const message = await this.#endpoints.of(phone).decrypt(sender, envelope)
      if (!envelope.isPeer && message) this.#show(phone, sender, envelope, message)
    } catch (error) {
      if (error instanceof OldCounter) return this.#drop(phone, sender, envelope, faults)
      log('undecryptable', { phone: phone.number, reason: error instanceof Error ? error.message : String(error) })
      this.#askAgain(phone, sender, envelope)
    }
  }

  /** Phones that are on again get what came in the meantime. */
  catchUp() {
    const waiting = this.#waiting
    this.#waiting = []
    for (const { phone, sender, envelope, faults } of waiting) void this.receive(phone, sender, envelope, faults)
  }

  /**
   * The owner reads a message, or plays it.
   * @param {Phone} phone
   * @param {{ id: string, type: 'read' | 'played' }} wanted
   */
  read(phone, { id, type }) {
    const known = [...this.of(phone).known.values()].find(({ received }) => received.id === id)
    if (!known) throw new Refusal(404, 'no-such-message', 'this phone has no such message')
    this.#sendReceipt(phone, known.received.from, known.envelope, { type })
    return known.received
  }

  /** Whether a phone has asked for this message of the device again. @param {Device} device @param {string} id */
  wasAskedAgain({ phoneNumber, device }, id) {
    return this.#askedAgain.delete(`${phoneNumber}:${device} ${id}`)
  }

  forget() {
    this.#inboxes.clear()
    this.#waiting = []
    this.#asks.clear()
    this.#askedAgain.clear()
  }

  /**
   * Shows a message, or counts a copy of one that is shown. Both get a receipt.
   * @param {Phone} phone
   * @param {Device} sender
   * @param {Envelope} envelope
   * @param {proto.IMessage} message
   */
  #show(phone, sender, envelope, message) {
    const { known, shown } = this.of(phone)
    const key = keyOf(sender, envelope)
    const earlier = known.get(key)
    if (earlier) earlier.received.copies += 1
    else {
      const words = describe(message, { group: envelope.group, from: sender.phoneNumber })
      const { id, edit } = envelope
      const received = { id, from: sender.phoneNumber, ...words, ...(edit && { edit }), copies: 1 }
      known.set(key, { received, message, envelope: { ...envelope, encs: [] } })
      shown.push(received)
    }
    this.#sendReceipt(phone, sender.phoneNumber, envelope, {})
  }

  /**
   * Drops a duplicate of Signal, as WhatsApp Web does: with a receipt if the phone has shown its id, and otherwise without one.
   *
   * Source: what others read in WhatsApp Web: after SIGNAL_OLD_COUNTER_ERROR it looks the id up; an unknown one gets a NACK 496.
   * @param {Phone} phone
   * @param {Device} sender
   * @param {Envelope} envelope
   * @param {FaultsOfPhones} faults
   */
  #drop(phone, sender, envelope, { receiptsForDuplicates }) {
    const { known, dropped } = this.of(phone)
    const earlier = known.get(keyOf(sender, envelope))
    if (earlier) earlier.received.copies += 1
    dropped.push({ id: envelope.id, from: sender.phoneNumber, isShown: earlier !== undefined })
    if (earlier || receiptsForDuplicates) this.#sendReceipt(phone, sender.phoneNumber, envelope, {})
  }

  /**
   * Sends a receipt to every device of the sender.
   * @param {Phone} phone
   * @param {string} from number of the sender
   * @param {Envelope} envelope
   * @param {Record<string, string>} attrs no type: delivered
   */
  #sendReceipt(phone, from, envelope, attrs) {
    if (phone.number === from) return
    const receipt = phoneReceipt(phone, envelope, attrs)
    for (const device of this.#devices.of(from)) this.#deliver(device, receipt)
  }

  /**
   * @param {Phone} phone
   * @param {Device} sender
   * @param {Envelope} envelope
   */
  #askAgain(phone, sender, envelope) {
    const { id } = envelope
    const key = `${phone.number} ${keyOf(sender, envelope)}`
    const count = (this.#asks.get(key) ?? 0) + 1
    if (count > MAX_ASKS) return
    this.#asks.set(key, count)
    this.#askedAgain.add(`${sender.phoneNumber}:${sender.device} ${id}`)
    const t = timestamp()
    const registration = stanza('registration', {}, this.#endpoints.of(phone).registration)
    const retry = stanza('retry', { count: String(count), id, t, v: '1' })
    this.#deliver(sender, phoneReceipt(phone, envelope, { type: 'retry' }, [retry, registration]))
  }
}

/** What makes two copies one message. Source: MsgKey of WhatsApp Web: sender, chat and id. @param {Device} sender @param {Envelope} envelope */
function keyOf({ phoneNumber }, { id, group }) {
  return `${phoneNumber} ${group?.id ?? ''} ${id}`
}
