// @ts-check
/** Conversations of phones: what they send, and what they have received. */

import { isMember } from '../accounts/groups.js'
import { changeNotifications } from '../accounts/group_notifications.js'
import { historyMessage } from './histories.js'
import { Refusal } from '../server/refusal.js'
import { Targets } from './targets.js'
import { write } from './phone_contents.js'
import { newId } from '../protocol/stanza.js'

/** @import { Delivery } from './delivery.js' */
/** @import { GroupChange, GroupRequest, Groups } from '../accounts/groups.js' */
/** @import { HistoryRequest } from './histories.js' */
/** @import { Devices } from '../accounts/devices.js' */
/** @import { Phones } from '../accounts/phone.js' */
/** @import { Presences } from '../accounts/presences.js' */

/**
 * @typedef {object} MessageRequest a message to be sent
 * @property {string} from number of the phone
 * @property {string | null} to number whose devices get the message
 * @property {string | null} group whose members' devices get the message, if `to` is null
 * @property {Record<string, unknown>} wish what it says: exactly one of the kinds of `phone_contents.js`
 * @property {string} id
 * @property {string} pushName
 * @property {boolean} byLid addressed by the LID of the phone
 * @property {number} corruptCopies number of copies that cannot be decrypted
 * @property {boolean} withoutKey the sender key of the group is kept back until a device asks again
 * @property {boolean} isAbsent the content is withheld from linked devices
 * @property {boolean} hasOneAddress without the phone's other address; not in groups
 */

/** Options of a phone's messages to its own devices. */
const PLAIN = { pushName: '', byLid: false, corruptCopies: 0, withoutKey: false, hasOneAddress: false }

export class Conversations {
  #devices
  #phones
  #groups
  #presences
  #delivery
  #targets

  /** @param {{ devices: Devices, phones: Phones, groups: Groups, presences: Presences, delivery: Delivery }} server */
  constructor({ devices, phones, groups, presences, delivery }) {
    this.#devices = devices
    this.#phones = phones
    this.#groups = groups
    this.#presences = presences
    this.#delivery = delivery
    this.#targets = new Targets({ phones, delivery })
  }

  /**
   * A phone writes to the linked devices of another, or of the members of a group.
   * @param {MessageRequest} request
   */
  send({ from, to, group, wish, ...rest }) {
    const chat = group === null ? { to: this.#phones.get(to ?? '') } : { group: this.#groups.get(group) }
    const phone = this.#phones.get(from)
    if (chat.group && !chat.group.members.includes(phone))
      throw new Refusal(404, 'no-such-group', 'this phone is no member')
    const written = write(wish, target => this.#targets.find(phone, { ...chat, byLid: rest.byLid }, target))
    this.#delivery.wrote(from, group ?? to ?? '')
    return this.#delivery.phoneMessages.send({ from: phone, ...written, ...chat, ...rest })
  }

  /**
   * A phone sends its history to its linked devices.
   * @param {HistoryRequest} request
   */
  sendHistory(request) {
    const phone = this.#phones.get(request.phoneNumber)
    const content = historyMessage(request, this.#phones)
    return this.#delivery.phoneMessages.send({ ...PLAIN, from: phone, to: phone, id: newId(), content, isPeer: true })
  }

  /** @param {GroupRequest} request */
  makeGroup(request) {
    const { id, subject, addressingMode, members } = this.#groups.make(request)
    return { id, subject, addressingMode, members: members.map(({ number }) => number) }
  }

  /** Members of a group come or go. @param {GroupChange} wanted */
  changeGroup(wanted) {
    const { group, before, ...change } = this.#groups.change(wanted)
    this.#delivery.phoneMessages.renewKeys(group, before)
    const hearers = [...new Set([...before, ...group.members])]
    const notifications = wanted.isQuiet ? [] : changeNotifications(group, { before, ...change })
    for (const notification of notifications) this.#delivery.notify(hearers, notification)
    return { id: group.id, members: group.members.map(({ number }) => number) }
  }

  /** A phone loses the keys of its conversations. @param {string} phoneNumber */
  forgetKeys(phoneNumber) {
    this.#delivery.endpoints.lose(this.#phones.get(phoneNumber))
    return { phoneNumber }
  }

  /**
   * What a phone got from linked devices, and their receipts for its own messages.
   * @param {string} phoneNumber
   */
  phone(phoneNumber) {
    const phone = this.#phones.get(phoneNumber)
    const { phoneInboxes, phoneMessages } = this.#delivery
    const { shown, dropped } = phoneInboxes.of(phone)
    const typing = this.#presences.chatStates(
      ({ from, chat }) => chat === phoneNumber || this.#isIn(chat, phoneNumber, from)
    )
    const receipts = phoneMessages.receipts(phone)
    const presences = this.#presences.ofDevices(this.#devices.of(phoneNumber))
    return { phoneNumber, lid: phone.lid, inbox: shown, dropped, receipts, typing, presences }
  }

  /** Whether a phone is another member of a group. @param {string} id @param {string} phoneNumber @param {string} from */
  #isIn(id, phoneNumber, from) {
    const group = this.#groups.find(id)
    return group !== undefined && from !== phoneNumber && isMember(group, phoneNumber)
  }

  /**
   * The texts that a phone has shown in each chat, in order, and how many copies came in addition to those that it shows.
   * @param {string} phoneNumber
   */
  texts(phoneNumber) {
    const { shown, dropped } = this.#delivery.phoneInboxes.of(this.#phones.get(phoneNumber))
    /** @type {Record<string, string[]>} */
    const chats = {}
    for (const { chat, kind, text } of shown) {
      chats[chat] ??= []
      if (kind === 'text' && text !== null) chats[chat].push(text)
    }
    const copies = shown.reduce((sum, received) => sum + received.copies - 1, 0)
    return { phoneNumber, chats, copies, dropped: dropped.length }
  }

  /**
   * The owner of a phone reads a message, or plays it.
   * @param {string} phoneNumber
   * @param {{ id: string, type: 'read' | 'played' }} wanted
   */
  read(phoneNumber, wanted) {
    return this.#delivery.phoneInboxes.read(this.#phones.get(phoneNumber), wanted)
  }
}
