// @ts-check
/** Messages that the messages of phones are about: what is answered, edited, revoked, voted on. */

import { addressOf } from './envelopes.js'
import { Refusal } from '../server/refusal.js'

/** @import { proto } from 'baileys' */
/** @import { Group } from '../accounts/groups.js' */
/** @import { Phone, Phones } from '../accounts/phone.js' */
/** @import { Delivery } from './delivery.js' */
/** @import { Target, Wish } from './phone_contents.js' */

/** @typedef {{ to?: Phone, group?: Group, byLid: boolean }} Chat */

export class Targets {
  #phones
  #delivery

  /** @param {{ phones: Phones, delivery: Delivery }} server */
  constructor({ phones, delivery }) {
    this.#phones = phones
    this.#delivery = delivery
  }

  /**
   * The message with an id that a phone has received or sent. With a `sender`, the phone need not know the message.
   * Raises 404 `no-such-message`.
   * @param {Phone} phone that writes
   * @param {Chat} chat
   * @param {Wish} wish
   * @returns {Target}
   */
  find(phone, { to, group, byLid }, { id, sender }) {
    const { message, author } = this.#known(phone, String(id), sender)
    const isByLid = group ? group.addressingMode === 'lid' : byLid
    const address = addressOf(author, isByLid)
    const remoteJid = group?.id ?? (to && addressOf(to, isByLid))
    const key = { remoteJid, fromMe: author === phone, id: String(id), ...(group && { participant: address }) }
    return { key, message, author: address, voter: addressOf(phone, isByLid) }
  }

  /** @param {Phone} phone @param {string} id @param {unknown} sender @returns {{ message: proto.IMessage, author: Phone }} */
  #known(phone, id, sender) {
    const received = [...this.#delivery.phoneInboxes.of(phone).known.values()].find(known => known.received.id === id)
    if (received) {
      const { deviceSentMessage, ...message } = received.message
      const content = deviceSentMessage?.message ? { ...message, ...deviceSentMessage.message } : message
      return { message: content, author: this.#phones.get(received.received.from) }
    }
    const sent = this.#delivery.phoneMessages.sent(phone, id)
    if (sent) return { message: sent, author: phone }
    if (sender === undefined) throw new Refusal(404, 'no-such-message', 'this phone has no such message')
    return { message: {}, author: this.#phones.get(String(sender)) }
  }
}
