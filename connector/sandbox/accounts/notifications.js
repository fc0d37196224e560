// @ts-check
/** Notifications that make a device ask the server for something. */

import { addressOf } from '../messages/envelopes.js'
import { timelockNotification } from './restrictions.js'
import { invalid } from '../server/refusal.js'
import { newId, SERVER, stanza, timestamp } from '../protocol/stanza.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { DeviceLists } from './device_lists.js' */
/** @import { Phones } from './phone.js' */
/** @import { ConnectionFaults } from '../server/faults.js' */

/** Notifications about somebody else. `identity` may be about nobody. */
const OF_CONTACTS = new Set(['devices', 'privacy-token'])

/**
 * @typedef {object} Context
 * @property {string | null} contact number of somebody else
 * @property {Phones} phones
 * @property {DeviceLists} deviceLists
 * @property {ConnectionFaults} fault of the connection that gets it
 */

/** @type {Record<string, (context: Context) => BinaryNode>} */
const NOTIFICATIONS = {
  'app-state': () => notification('server_sync', SERVER, stanza('collection', { name: 'regular', version: '1' })),
  'pre-keys': () => notification('encrypt', SERVER, stanza('count', { value: '3' })),
  identity: ({ contact }) => notification('encrypt', `${contact}@s.whatsapp.net`, stanza('identity')),
  devices: ({ contact, deviceLists }) => deviceLists.notification('update', { phoneNumber: contact ?? '', device: 0 }),
  'reachout-timelock': ({ fault }) => timelockNotification(fault),
  'privacy-token': privacyToken
}

/**
 * @param {string} about
 * @param {Context} context
 */
export function notificationAbout(about, context) {
  return NOTIFICATIONS[about](context)
}

/** Raises 400 if there is no such notification, or it needs a contact. @param {string} about @param {string | null} contact */
export function checkNotification(about, contact) {
  if (!Object.hasOwn(NOTIFICATIONS, about))
    throw invalid(`about must be one of ${Object.keys(NOTIFICATIONS).join(', ')}`)
  if (OF_CONTACTS.has(about) && contact === null) throw invalid(`${about} needs from, a phone number`)
}

/** A contact trusts the account: with this token it may write to the contact. Source: handlePrivacyTokenNotification of Baileys. @type {(context: Context) => BinaryNode} */
function privacyToken({ contact, phones }) {
  const phone = phones.get(contact ?? '')
  const [pn, lid] = [addressOf(phone, false), addressOf(phone, true)]
  const token = stanza('token', { jid: pn, t: timestamp(), type: 'trusted_contact' }, Buffer.from(`token of ${lid}`))
  const { attrs, ...rest } = notification('privacy_token', pn, stanza('tokens', {}, [token]))
  return { ...rest, attrs: { ...attrs, sender_lid: lid } }
}

/**
 * @param {string} type
 * @param {string} from
 * @param {BinaryNode} content
 */
function notification(type, from, content) {
  return stanza('notification', { type, from, id: newId(), t: timestamp() }, [content])
}
