// @ts-check
/** Fan-out of the messages that linked devices send: a copy for each phone, and for each other device. */

import { createHash } from 'node:crypto'
import { getBinaryNodeChild, getBinaryNodeChildren } from 'baileys'
import { addressOf } from './envelopes.js'
import { isMember } from '../accounts/groups.js'
import { stanza, timestamp } from '../protocol/stanza.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { Device, Devices } from '../accounts/devices.js' */
/** @import { Group, Groups } from '../accounts/groups.js' */
/** @import { Phone, Phones } from '../accounts/phone.js' */
/** @import { Presences } from '../accounts/presences.js' */
/** @import { Delivery, Place } from './delivery.js' */

/** Refusal of a message to a group of which the account is no member. No source names the real one. */
const NO_MEMBER = 403

/** Refusal of a message that names members in the other way. Source: NackReason of WhatsApp Web, as others read it. */
const STALE_ADDRESSING_MODE = 421

/** @typedef {{ place: Place, encs: BinaryNode[] }} Copy */
/** @typedef {{ receiptsForDuplicates: boolean }} FaultsOfPhones */

export class FanOut {
  #devices
  #phones
  #groups
  #presences
  #delivery
  #deliver

  /**
   * @param {object} server
   * @param {Devices} server.devices
   * @param {Phones} server.phones
   * @param {Groups} server.groups
   * @param {Presences} server.presences
   * @param {Delivery} server.delivery
   * @param {(device: Device, node: BinaryNode) => void} server.deliver
   */
  constructor({ devices, phones, groups, presences, delivery, deliver }) {
    this.#devices = devices
    this.#phones = phones
    this.#groups = groups
    this.#presences = presences
    this.#delivery = delivery
    this.#deliver = deliver
  }

  /**
   * The error with which the server refuses a message to a group; undefined: it takes the message.
   * @param {Device} sender
   * @param {BinaryNode} message
   */
  refusal(sender, { attrs: { to = '', addressing_mode: mode } }) {
    const group = this.#groups.find(to)
    if (!group) return to.endsWith('@g.us') ? NO_MEMBER : undefined
    if (!isMember(group, sender.phoneNumber)) return NO_MEMBER
    return mode !== undefined && mode !== group.addressingMode ? STALE_ADDRESSING_MODE : undefined
  }

  /**
   * @param {Device} sender
   * @param {BinaryNode} message
   * @param {FaultsOfPhones} faults
   * @returns {string | undefined} the hash of the devices that should have got it, if it is not known that they did
   */
  send(sender, message, faults) {
    const group = this.#groups.find(message.attrs.to ?? '')
    const named = this.#named(message)
    const copies = group && !message.attrs.participant ? this.#toMembers(group, sender, message, named) : named
    for (const { place, encs } of copies) {
      if (!this.#phones.hasAccount(place.phone)) continue
      if (place.number === 0) this.#toPhone(place.phone, sender, { message, encs, group, faults })
      else this.#toDevice(place, sender, { message, encs, group })
    }
    return this.#hash(sender, { message, named, group })
  }

  /** Copies that the sender has encrypted for one phone or device each. @param {BinaryNode} message @returns {Copy[]} */
  #named(message) {
    const { to: jid = '', participant = jid } = message.attrs
    const list = getBinaryNodeChildren(getBinaryNodeChild(message, 'participants'), 'to')
    const isForOne = list.length === 0
    return (isForOne ? [stanza('to', { jid: participant }, message.content)] : list).flatMap(copy => {
      const place = this.#delivery.placeOf(copy.attrs.jid)
      const encs = getBinaryNodeChildren(copy, 'enc')
      return place && encs.length > 0 ? [{ place, encs }] : []
    })
  }

  /**
   * Copies of a group message: the sender key for those that the sender names, and the message for all.
   * @param {Group} group
   * @param {Device} sender
   * @param {BinaryNode} message
   * @param {Copy[]} named
   * @returns {Copy[]}
   */
  #toMembers(group, sender, message, named) {
    const keys = new Map(named.map(({ place, encs }) => [nameOf(place), encs]))
    const sealed = getBinaryNodeChildren(message, 'enc')
    return group.members
      .flatMap(phone => this.#placesOf(phone))
      .filter(place => nameOf(place) !== `${sender.phoneNumber}:${sender.device}`)
      .map(place => ({ place, encs: [...(keys.get(nameOf(place)) ?? []), ...sealed] }))
  }

  /**
   * @param {Phone} phone
   * @param {Device} sender
   * @param {{ message: BinaryNode, encs: BinaryNode[], group?: Group, faults: FaultsOfPhones }} copy
   */
  #toPhone(phone, sender, { message, encs, group, faults }) {
    const { id = '', to = '', category, edit } = message.attrs
    const envelope = { id, encs, group, edit, byLid: to.endsWith('@lid'), isPeer: category === 'peer' }
    void this.#delivery.phoneInboxes.receive(phone, sender, envelope, faults)
  }

  /**
   * @param {Place} place
   * @param {Device} sender
   * @param {{ message: BinaryNode, encs: BinaryNode[], group?: Group }} copy
   */
  #toDevice({ phone, number }, sender, { message, encs, group }) {
    const device = this.#devices.find(phone.number, number)
    if (!device) return
    const { id = '', type = 'text', edit } = message.attrs
    const names = group ? this.#inGroup(group, sender) : this.#inChat(phone, sender, message)
    const { name: notify } = this.#presences.of(sender)
    const attrs = { ...names, id, type, ...(edit && { edit }), ...(notify && { notify }), t: timestamp() }
    const identity = getBinaryNodeChild(message, 'device-identity')
    this.#deliver(device, stanza('message', attrs, identity ? [...encs, identity] : encs))
  }

  /** Names of attributes: as in `participantOf`, with the device. @param {Group} group @param {Device} sender @returns {Record<string, string>} */
  #inGroup({ id, addressingMode }, sender) {
    const byLid = addressingMode === 'lid'
    const { own, other } = this.#delivery.addressesOf(sender, byLid)
    return {
      from: id,
      participant: own,
      [byLid ? 'participant_pn' : 'participant_lid']: other,
      addressing_mode: addressingMode
    }
  }

  /** @param {Phone} phone of the device that gets it @param {Device} sender @param {BinaryNode} message @returns {Record<string, string>} */
  #inChat(phone, sender, { attrs: { to = '', recipient: chat = to } }) {
    const byLid = chat.endsWith('@lid')
    const { own, other } = this.#delivery.addressesOf(sender, byLid)
    const mode = { from: own, addressing_mode: byLid ? 'lid' : 'pn' }
    if (phone.number !== sender.phoneNumber) return { ...mode, [byLid ? 'sender_pn' : 'sender_lid']: other }
    const recipient = this.#delivery.placeOf(chat)?.phone
    if (!recipient) return { ...mode, recipient: chat }
    const [same, alternative] = [addressOf(recipient, byLid), addressOf(recipient, !byLid)]
    return { ...mode, recipient: same, [byLid ? 'peer_recipient_pn' : 'peer_recipient_lid']: alternative }
  }

  /** A phone and its devices. @param {Phone} phone @returns {Place[]} */
  #placesOf(phone) {
    return [0, ...this.#devices.of(phone.number).map(({ device }) => device)].map(number => ({ phone, number }))
  }

  /**
   * The hash that a confirmation carries. In a chat of two, the server sees itself for whom the message was encrypted, so a
   * client that sends no hash gets one only if it has left somebody out. In a group it cannot see that.
   *
   * Source: `phash` in send.go of tulir/whatsmeow; whatsapp-rust #494, #524 and #678, which read WhatsApp Web.
   * @param {Device} sender
   * @param {{ message: BinaryNode, named: Copy[], group?: Group }} sent
   */
  #hash(sender, { message, named, group }) {
    const { phash, to = '', device_fanout: fanOut, participant, category } = message.attrs
    if (fanOut === 'false' || participant || category === 'peer') return undefined
    const recipient = this.#delivery.placeOf(to)?.phone
    const own = this.#delivery.placeOf(`${sender.phoneNumber}@s.whatsapp.net`)?.phone
    const phones = group ? group.members : [recipient, own].filter(phone => phone !== undefined)
    const places = [...new Set(phones)].flatMap(phone => this.#placesOf(phone))
    const isSelf = (/** @type {Place} */ place) => nameOf(place) === `${sender.phoneNumber}:${sender.device}`
    const meant = group ? places : places.filter(place => !isSelf(place))
    const got = new Set(named.map(({ place }) => nameOf(place)))
    const isComplete =
      group !== undefined || (got.size === meant.length && meant.every(place => got.has(nameOf(place))))
    if (!phash && isComplete) return undefined
    return participantHash(meant, group ? group.addressingMode === 'lid' : to.endsWith('@lid'))
  }
}

/** @param {Place} place */
function nameOf({ phone, number }) {
  return `${phone.number}:${number}`
}

/**
 * Hash of a list of devices, version 2. Source: participantListHashV2 of tulir/whatsmeow.
 * @param {Place[]} places
 * @param {boolean} byLid
 */
export function participantHash(places, byLid) {
  const names = places.map(({ phone, number }) =>
    byLid ? `${phone.lid}.0:${number}@lid` : `${phone.number}.0:${number}@s.whatsapp.net`
  )
  const digest = createHash('sha256').update(names.sort().join('')).digest()
  return `2:${digest.subarray(0, 6).toString('base64')}`
}
