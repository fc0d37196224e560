// @ts-check
/** Stanzas of phones that are no messages: that somebody types, and calls. */

import { addressOf } from './envelopes.js'
import { isMember, participantOf } from '../accounts/groups.js'
import { Refusal } from '../server/refusal.js'
import { newId, stanza, timestamp } from '../protocol/stanza.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { Device, Devices } from '../accounts/devices.js' */
/** @import { Group, Groups } from '../accounts/groups.js' */
/** @import { Phone, Phones } from '../accounts/phone.js' */
/** @import { Presences } from '../accounts/presences.js' */
/** @import { Delivery } from './delivery.js' */

/** What may become of a call. Source: handleCallEvent of tulir/whatsmeow. */
export const CALL_STATES = ['offer', 'terminate', 'timeout', 'reject', 'accept']

/**
 * @typedef {object} TypingRequest
 * @property {string} from number of the phone
 * @property {string | null} to number of the other side
 * @property {string | null} group its id, if `to` is null
 * @property {boolean} isTyping false: it stops
 * @property {'text' | 'voice'} kind
 * @property {boolean} byLid addressed by the LID of the phone
 * @property {boolean} isForAll also for devices that are not shown as online
 *
 * @typedef {object} CallRequest
 * @property {string} from number of the phone
 * @property {string} to number
 * @property {string} id of the call
 * @property {string} state
 * @property {boolean} isVideo
 * @property {string | null} group
 * @property {boolean} byLid
 */

export class LiveStanzas {
  #devices
  #phones
  #groups
  #presences
  #delivery
  #online

  /**
   * @param {object} server
   * @param {Devices} server.devices
   * @param {Phones} server.phones
   * @param {Groups} server.groups
   * @param {Presences} server.presences
   * @param {Delivery} server.delivery
   * @param {(device: Device) => { deliver: (node: BinaryNode) => void } | undefined} server.online
   */
  constructor({ devices, phones, groups, presences, delivery, online }) {
    this.#devices = devices
    this.#phones = phones
    this.#groups = groups
    this.#presences = presences
    this.#delivery = delivery
    this.#online = online
  }

  /**
   * A phone types. Devices that are not shown as online hear nothing of it.
   *
   * Source: events.ChatPresence of tulir/whatsmeow.
   * @param {TypingRequest} request
   */
  type({ from, to, group: id, isTyping, kind, byLid, isForAll }) {
    const phone = this.#phones.get(from)
    const group = id === null ? undefined : this.#groupOf(id, from)
    const attrs = group ? { from: group.id, ...participantOf(group, phone) } : { from: addressOf(phone, byLid) }
    const child = stanza(isTyping ? 'composing' : 'paused', isTyping && kind === 'voice' ? { media: 'audio' } : {})
    const hearers = this.#hearers(group ?? this.#phones.get(to ?? ''), phone)
    const told = hearers.filter(device => isForAll || this.#presences.of(device).type === 'available')
    const reached = told.filter(device => this.#online(device))
    for (const device of reached) this.#online(device)?.deliver(stanza('chatstate', attrs, [child]))
    return { devices: reached.map(({ device }) => device) }
  }

  /**
   * A phone calls, or a call goes on or ends. It waits for devices that are away, as `offline` in the stanzas of others says.
   * @param {CallRequest} request
   */
  call({ from, to, id, state, isVideo, group, byLid }) {
    const phone = this.#phones.get(from)
    const caller = addressOf(phone, byLid)
    const names = { 'call-id': id, 'call-creator': caller, ...(byLid && { caller_pn: addressOf(phone, false) }) }
    const child = childOf(state, { ...names, ...(group !== null && { 'group-jid': group, type: 'group' }) }, isVideo)
    const devices = this.#delivery.notify(
      [this.#phones.get(to)],
      stanza('call', { from: caller, id: newId(), t: timestamp(), platform: 'android', version: '2.26.20.0' }, [child])
    )
    if (devices === 0) throw new Refusal(404, 'no-such-device', 'this number has no linked device')
    return { id, state, devices }
  }

  /** @param {string} id @param {string} from @returns {Group} */
  #groupOf(id, from) {
    const group = this.#groups.get(id)
    if (!isMember(group, from)) throw new Refusal(404, 'no-such-group', 'this phone is no member')
    return group
  }

  /** @param {Group | Phone} chat @param {Phone} phone that types @returns {Device[]} */
  #hearers(chat, phone) {
    const phones = 'members' in chat ? chat.members.filter(member => member !== phone) : [chat]
    return phones.flatMap(({ number }) => this.#devices.of(number))
  }
}

/** @param {string} state @param {Record<string, string>} attrs @param {boolean} isVideo */
function childOf(state, attrs, isVideo) {
  if (state === 'timeout') return stanza('terminate', { ...attrs, reason: 'timeout' })
  if (state !== 'offer') return stanza(state, attrs)
  const audio = stanza('audio', { enc: 'opus', rate: '16000' })
  return stanza('offer', attrs, isVideo ? [audio, stanza('video', { enc: 'vp8' })] : [audio])
}
