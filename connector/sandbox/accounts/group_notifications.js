// @ts-check
/** Notifications of the members of a group that members came or went. */

import { participant, participantOf } from './groups.js'
import { newId, stanza, timestamp } from '../protocol/stanza.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { Group } from './groups.js' */
/** @import { Phone } from './phone.js' */

/**
 * What the devices of members get. The first member has made the change.
 *
 * Source: parseGroupNotification of tulir/whatsmeow, and stanzas in mgp25/Chat-API #1613.
 * @param {Group} group
 * @param {{ before: Phone[], added: Phone[], removed: Phone[] }} change
 * @returns {BinaryNode[]}
 */
export function changeNotifications(group, { before, added, removed }) {
  const [actor] = before
  if (!actor) return []
  const changes = Object.entries({ remove: removed, add: added }).filter(([, phones]) => phones.length > 0)
  return changes.map(([tag, phones]) => {
    const attrs = { from: group.id, type: 'w:gp2', id: newId(), t: timestamp(), ...participantOf(group, actor) }
    const named = phones.map(phone => participant(group.addressingMode, phone, false))
    return stanza('notification', attrs, [stanza(tag, {}, named)])
  })
}
