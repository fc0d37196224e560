// @ts-check
/** Attributes of stanzas that carry a phone's messages: sender and chat, by which addresses. */

import { participantOf } from '../accounts/groups.js'
import { timestamp } from '../protocol/stanza.js'

/** @import { OutgoingMessage } from './phone_messages.js' */
/** @import { Phone } from '../accounts/phone.js' */

/**
 * For a device of another account, or of any member of a group.
 * @param {OutgoingMessage} message
 * @returns {Record<string, string>}
 */
export function envelope(message) {
  const { from, byLid, group, hasOneAddress, isPeer } = message
  const common = commonAttrs(message)
  if (group) return { from: group.id, ...participantOf(group, from, hasOneAddress), ...common }
  const [pn, lid] = addressesOf(from)
  if (isPeer) return { from: pn, category: 'peer', ...common }
  if (hasOneAddress) return { from: byLid ? lid : pn, ...common }
  if (byLid) return { from: lid, sender_pn: pn, addressing_mode: 'lid', ...common }
  return { from: pn, sender_lid: lid, addressing_mode: 'pn', ...common }
}

/**
 * For a device of the account whose phone wrote the message. Names of attributes: parseMessageSource of tulir/whatsmeow.
 * @param {OutgoingMessage} message
 * @param {Phone} to
 * @returns {Record<string, string>}
 */
export function ownEnvelope(message, to) {
  const { from, byLid } = message
  const common = commonAttrs(message)
  const [pn, lid] = addressesOf(to)
  const [ownPn, ownLid] = addressesOf(from)
  if (byLid) return { from: ownLid, recipient: lid, peer_recipient_pn: pn, addressing_mode: 'lid', ...common }
  return { from: ownPn, recipient: pn, peer_recipient_lid: lid, addressing_mode: 'pn', ...common }
}

/** @param {OutgoingMessage} message @returns {Record<string, string>} */
function commonAttrs({ id, type = 'text', edit, pushName }) {
  return { id, t: timestamp(), type, ...(edit && { edit }), notify: pushName }
}

/** @param {Phone} phone */
function addressesOf(phone) {
  return [addressOf(phone, false), addressOf(phone, true)]
}

/**
 * Address of a phone or of one of its devices.
 * @param {Phone} phone
 * @param {boolean} byLid
 * @param {number} [device] 0: the phone
 */
export function addressOf({ number, lid }, byLid, device = 0) {
  const user = `${byLid ? lid : number}${device > 0 ? `:${device}` : ''}`
  return `${user}@${byLid ? 'lid' : 's.whatsapp.net'}`
}
