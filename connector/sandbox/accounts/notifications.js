// @ts-check
/** Notifications that make a device ask the server for something. */

import { invalid } from '../server/refusal.js'
import { newId, SERVER, stanza, timestamp } from '../protocol/stanza.js'

/** @import { BinaryNode } from 'baileys' */

/** @type {Record<string, (contact: string | null) => BinaryNode>} */
const NOTIFICATIONS = {
  'app-state': () => notification('server_sync', SERVER, stanza('collection', { name: 'regular', version: '1' })),
  'pre-keys': () => notification('encrypt', SERVER, stanza('count', { value: '3' })),
  identity: contact => notification('encrypt', `${contact}@s.whatsapp.net`, stanza('identity'))
}

/**
 * @param {string} about
 * @param {string | null} contact whose identity changed
 */
export function notificationAbout(about, contact) {
  if (!Object.hasOwn(NOTIFICATIONS, about))
    throw invalid(`about must be one of ${Object.keys(NOTIFICATIONS).join(', ')}`)
  return NOTIFICATIONS[about](contact)
}

/**
 * @param {string} type
 * @param {string} from
 * @param {BinaryNode} content
 */
function notification(type, from, content) {
  return stanza('notification', { type, from, id: newId(), t: timestamp() }, [content])
}
