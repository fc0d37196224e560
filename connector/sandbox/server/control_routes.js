// @ts-check
/** Routes of the control port. */

import { isStreamError } from '../protocol/endings.js'
import { checkNotification } from '../accounts/notifications.js'
import { REFRESH_CHILDREN } from '../protocol/adv_secrets.js'
import {
  groupChange,
  groupRequest,
  historyRequest,
  messageRequest,
  optionalNumber,
  phoneNumber,
  pushName,
  text
} from './control_requests.js'
import { callRequest, typingRequest } from './live_requests.js'
import { invalid } from './refusal.js'

/** @import { WhatsApp } from './whatsapp.js' */
/** @import { Body } from './control_requests.js' */
/** @typedef {(whatsapp: WhatsApp, body: Body) => unknown} Route */

/** Number of a phone that scans, if the request gives none. */
const PHONE_NUMBER = '15551234567'

/** @type {Record<string, Record<string, Route>>} */
export const ROUTES = {
  '/control/state': { GET: whatsapp => whatsapp.state() },
  '/control/scan': { POST: scan },
  '/control/type-code': { POST: typeCode },
  '/control/refresh-registration': { POST: refreshRegistration },
  '/control/refresh-code': { POST: refreshCode },
  '/control/unlink': { POST: ({ linking }, body) => ({ unlinked: linking.unlink(phoneNumber(body)) }) },
  '/control/logout-check': { POST: checkLogout },
  '/control/send': { POST: ({ conversations }, body) => conversations.send(messageRequest(body)) },
  '/control/typing': { POST: ({ liveStanzas }, body) => liveStanzas.type(typingRequest(body)) },
  '/control/call': { POST: ({ liveStanzas }, body) => liveStanzas.call(callRequest(body)) },
  '/control/history': { POST: ({ conversations }, body) => conversations.sendHistory(historyRequest(body)) },
  '/control/groups': { POST: ({ conversations }, body) => conversations.makeGroup(groupRequest(body)) },
  '/control/members': { POST: ({ conversations }, body) => conversations.changeGroup(groupChange(body)) },
  '/control/forget-keys': { POST: ({ conversations }, body) => conversations.forgetKeys(phoneNumber(body)) },
  '/control/phone': { GET: ({ conversations }, body) => conversations.phone(phoneNumber(body)) },
  '/control/texts': { GET: ({ conversations }, body) => conversations.texts(phoneNumber(body)) },
  '/control/read': { POST: read },
  '/control/drop': { POST: (whatsapp, body) => ({ dropped: whatsapp.connections.drop(optionalNumber(body)) }) },
  '/control/freeze': { POST: (whatsapp, body) => ({ frozen: whatsapp.connections.freeze(optionalNumber(body)) }) },
  '/control/notify': { POST: notify },
  '/control/stream-error': { POST: endWithStreamError },
  '/control/faults': { PUT: (whatsapp, body) => whatsapp.setFaults(body) },
  '/control/settings': { PUT: (whatsapp, body) => whatsapp.setSettings(body) },
  '/control/reset': { POST: reset }
}

/** @type {Route} */
function scan({ linking }, body) {
  return linking.scan({
    qrCode: text(body, 'qrCode'),
    phoneNumber: optionalNumber(body) ?? PHONE_NUMBER,
    pushName: pushName(body)
  })
}

/** @type {Route} */
function typeCode({ linking }, body) {
  const code = text(body, 'code').replace('-', '').toUpperCase()
  return linking.typeCode({ phoneNumber: phoneNumber(body), code, pushName: pushName(body) })
}

/** @type {Route} */
function refreshRegistration({ linking }, body) {
  const { child = REFRESH_CHILDREN[0] } = body
  if (!REFRESH_CHILDREN.includes(String(child))) throw invalid(`child must be one of ${REFRESH_CHILDREN.join(', ')}`)
  const qrCode = body.qrCode === undefined ? null : text(body, 'qrCode')
  return { refreshed: linking.refreshRegistration({ qrCode, child: String(child) }) }
}

/** @type {Route} */
function refreshCode({ linking }, body) {
  linking.refreshCode(phoneNumber(body))
  return { phoneNumber: body.phoneNumber }
}

/** @type {Route} */
function checkLogout(whatsapp, body) {
  const number = phoneNumber(body)
  const devices = whatsapp.state().devices.filter(device => device.phoneNumber === number)
  return { phoneNumber: number, linked: devices.length > 0, devices: devices.map(({ device }) => device) }
}

/** @type {Route} */
function read({ conversations }, body) {
  const type = body.isPlayed === true ? 'played' : 'read'
  return conversations.read(phoneNumber(body), { id: text(body, 'id'), type })
}

/** @type {Route} */
function notify(whatsapp, body) {
  const contact = body.from === undefined ? null : phoneNumber(body, 'from')
  const about = text(body, 'about')
  checkNotification(about, contact)
  return { notified: whatsapp.notify(phoneNumber(body), { about, contact }) }
}

/** @type {Route} */
function endWithStreamError(whatsapp, body) {
  const error = text(body, 'error')
  if (!isStreamError(error))
    throw invalid('error must be a code from 400 to 599, conflict, device_removed, ack or xml-not-well-formed')
  return { ended: whatsapp.connections.endWithStreamError(optionalNumber(body), error) }
}

/** @type {Route} */
function reset(whatsapp) {
  whatsapp.reset()
  return whatsapp.state()
}
