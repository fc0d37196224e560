// @ts-check
/** Groups: their members, and the answers to queries about them. */

import { randomBytes } from 'node:crypto'
import { getBinaryNodeChild } from 'baileys'
import { invalid, Refusal } from '../server/refusal.js'
import { stanza, timestamp } from '../protocol/stanza.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { Phone, Phones } from './phone.js' */

/** Members of a group: the most that a real group takes, too. */
const GROUP_SIZE = { least: 3, most: 1024 }

/**
 * @typedef {object} Group
 * @property {string} id `…@g.us`
 * @property {string} subject
 * @property {'pn' | 'lid'} addressingMode which of its two addresses names a member in the stanzas of the group
 * @property {Phone[]} members the first one has made the group
 *
 * @typedef {object} GroupRequest
 * @property {string} [id]
 * @property {string} subject
 * @property {string} addressingMode
 * @property {string[]} members phone numbers
 *
 * @typedef {object} GroupChange
 * @property {string} group its id
 * @property {string[]} add phone numbers
 * @property {string[]} remove phone numbers
 * @property {boolean} isQuiet nobody is notified
 */

export class Groups {
  #phones
  /** @type {Map<string, Group>} */
  #byId = new Map()

  /** @param {Phones} phones */
  constructor(phones) {
    this.#phones = phones
  }

  /** @param {GroupRequest} request @returns {Group} */
  make({ id = newGroupId(), subject, addressingMode, members }) {
    const numbers = [...new Set(members)]
    if (numbers.length < GROUP_SIZE.least || numbers.length > GROUP_SIZE.most) {
      throw wrongSize()
    }
    if (addressingMode !== 'pn' && addressingMode !== 'lid') throw invalid('addressingMode must be "pn" or "lid"')
    if (!/^\d{10,25}@g\.us$/.test(id)) throw invalid('id must be 10 to 25 digits with @g.us behind them')
    const group = { id, subject, addressingMode, members: numbers.map(number => this.#phones.get(number)) }
    this.#byId.set(id, /** @type {Group} */ (group))
    return /** @type {Group} */ (group)
  }

  /**
   * Adds members, and removes others.
   * @param {GroupChange} change
   */
  change({ group: id, add, remove }) {
    const group = this.get(id)
    const added = add.map(number => this.#phones.get(number)).filter(phone => !group.members.includes(phone))
    const removed = group.members.filter(({ number }) => remove.includes(number))
    const before = group.members
    const members = [...before.filter(phone => !removed.includes(phone)), ...added]
    if (members.length < GROUP_SIZE.least || members.length > GROUP_SIZE.most) throw wrongSize()
    group.members = members
    return { group, before, added, removed }
  }

  /** @param {string} id */
  find(id) {
    return this.#byId.get(id)
  }

  /** Raises 404 `no-such-group`. @param {string} id */
  get(id) {
    const group = this.#byId.get(id)
    if (!group) throw new Refusal(404, 'no-such-group', 'there is no group with this id')
    return group
  }

  /**
   * The answer to `w:g2` queries with the child `query` (one group) or `participating` (all groups of the account).
   * @param {BinaryNode} iq
   * @param {string} phoneNumber of the account that asks
   * @returns {BinaryNode[]}
   */
  describe(iq, phoneNumber) {
    if (getBinaryNodeChild(iq, 'participating')) {
      const own = [...this.#byId.values()].filter(group => isMember(group, phoneNumber))
      return [stanza('groups', {}, own.map(metadata))]
    }
    const group = this.#byId.get(iq.attrs.to ?? '')
    return group && isMember(group, phoneNumber)
      ? [metadata(group)]
      : [stanza('error', { code: '404', text: 'item-not-found' })]
  }

  forget() {
    this.#byId.clear()
  }
}

/**
 * Attributes that name a member of a group by both addresses.
 *
 * Names of attributes: parseMessageSource of tulir/whatsmeow, extractAddressingContext of Baileys.
 * @param {Group} group
 * @param {Phone} member
 * @returns {Record<string, string>}
 */
export function participantOf({ addressingMode }, { number, lid }, hasOneAddress = false) {
  const [pn, byLid] = [`${number}@s.whatsapp.net`, `${lid}@lid`]
  if (hasOneAddress) return { participant: addressingMode === 'lid' ? byLid : pn, addressing_mode: addressingMode }
  if (addressingMode === 'lid') return { participant: byLid, participant_pn: pn, addressing_mode: 'lid' }
  return { participant: pn, participant_lid: byLid, addressing_mode: 'pn' }
}

const wrongSize = () => invalid(`members must be ${GROUP_SIZE.least} to ${GROUP_SIZE.most} different phone numbers`)

/** @param {Group} group @param {string} phoneNumber */
export function isMember({ members }, phoneNumber) {
  return members.some(({ number }) => number === phoneNumber)
}

/** @param {Group} group */
function metadata({ id, subject, addressingMode, members }) {
  const [creator] = members.map(({ number }) => `${number}@s.whatsapp.net`)
  const attrs = {
    id: id.split('@')[0] ?? '',
    subject,
    creator: creator ?? '',
    creation: timestamp(),
    s_t: timestamp(),
    addressing_mode: addressingMode
  }
  return stanza(
    'group',
    attrs,
    members.map((member, index) => participant(addressingMode, member, index === 0))
  )
}

/** @param {'pn' | 'lid'} addressingMode @param {Phone} member @param {boolean} isCreator */
export function participant(addressingMode, { number, lid }, isCreator) {
  const [pn, byLid] = [`${number}@s.whatsapp.net`, `${lid}@lid`]
  /** @type {Record<string, string>} */
  const names = addressingMode === 'lid' ? { jid: byLid, phone_number: pn } : { jid: pn, lid: byLid }
  return stanza('participant', isCreator ? { ...names, type: 'superadmin' } : names)
}

const newGroupId = () =>
  `120363${BigInt(`0x${randomBytes(5).toString('hex')}`)
    .toString()
    .padStart(13, '0')
    .slice(0, 13)}@g.us`
