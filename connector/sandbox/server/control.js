// @ts-check
/** The control port: phones, faults and questions, as JSON over HTTP. */

import { isStreamError } from '../protocol/endings.js'
import { historyWish } from '../messages/histories.js'
import { log } from './logger.js'
import { notificationAbout } from '../accounts/notifications.js'
import { invalid, Refusal } from './refusal.js'
import { REFRESH_CHILDREN } from '../protocol/adv_secrets.js'
import { groupWish, letterWish, optionalNumber, phoneNumber, pushName, text } from './control_requests.js'

/** @import { IncomingMessage, ServerResponse } from 'node:http' */
/** @import { WhatsApp } from './whatsapp.js' */

/** Bytes of a body that are read at most. */
const BODY_LIMIT = 64 * 1024
const PHONE_NUMBER = '15551234567'
const LOOPBACK = /^(::1|(::ffff:)?127\..*)$/

/** @import { Body } from './control_requests.js' */
/** @typedef {(whatsapp: WhatsApp, body: Body) => unknown} Route */

/** @type {Record<string, Record<string, Route>>} */
const ROUTES = {
  '/control/state': { GET: whatsapp => whatsapp.state() },
  '/control/scan': { POST: scan },
  '/control/type-code': { POST: typeCode },
  '/control/refresh-registration': { POST: refreshRegistration },
  '/control/refresh-code': { POST: refreshCode },
  '/control/unlink': { POST: (whatsapp, body) => ({ unlinked: whatsapp.unlink(phoneNumber(body)) }) },
  '/control/logout-check': { POST: logoutCheck },
  '/control/send': { POST: (whatsapp, body) => whatsapp.send(letterWish(body)) },
  '/control/history': { POST: (whatsapp, body) => whatsapp.sendHistory(historyWish(body)) },
  '/control/groups': { POST: (whatsapp, body) => whatsapp.makeGroup(groupWish(body)) },
  '/control/phone': { GET: (whatsapp, body) => whatsapp.phone(phoneNumber(body)) },
  '/control/read': { POST: (whatsapp, body) => whatsapp.read(phoneNumber(body), text(body, 'id')) },
  '/control/drop': { POST: (whatsapp, body) => ({ dropped: whatsapp.drop(optionalNumber(body)) }) },
  '/control/freeze': { POST: (whatsapp, body) => ({ frozen: whatsapp.freeze(optionalNumber(body)) }) },
  '/control/notify': { POST: notify },
  '/control/stream-error': { POST: breakOff },
  '/control/faults': { PUT: setFaults },
  '/control/settings': { PUT: (whatsapp, body) => whatsapp.set(body) },
  '/control/reset': { POST: reset }
}

/**
 * Answers one request, whatever it is.
 * @param {WhatsApp} whatsapp
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 */
export async function control(whatsapp, request, response) {
  try {
    if (!LOOPBACK.test(request.socket.remoteAddress ?? ''))
      throw new Refusal(403, 'not-local', 'phones are played from this host alone')
    const route = find(request)
    const body = request.method === 'GET' ? readQuery(request) : await readBody(request)
    answer(response, 200, await route(whatsapp, body))
  } catch (error) {
    refuse(response, error)
  }
}

/** @param {IncomingMessage} request */
function find({ url = '', method = '' }) {
  const [path = ''] = url.split('?')
  const methods = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined
  if (!methods) throw new Refusal(404, 'not-found', `there is no ${path}`)
  const route = Object.hasOwn(methods, method) ? methods[method] : undefined
  if (!route) throw new Refusal(405, 'method-not-allowed', `${path} takes ${Object.keys(methods).join(', ')}`)
  return route
}

/** @param {IncomingMessage} request */
function readQuery({ url = '' }) {
  return Object.fromEntries(new URL(url, 'http://sandbox').searchParams)
}

/**
 * @param {IncomingMessage} request
 * @returns {Promise<Body>} an object; an empty one where there is no body
 */
async function readBody(request) {
  const chunks = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length > BODY_LIMIT) throw new Refusal(413, 'body-too-large', `a body has at most ${BODY_LIMIT} bytes`)
    chunks.push(chunk)
  }
  return parse(Buffer.concat(chunks).toString('utf8'))
}

/**
 * @param {string} text
 * @returns {Body}
 */
function parse(text) {
  if (text.trim() === '') return {}
  const body = parseJson(text)
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
  if (!isObject) throw new Refusal(400, 'malformed-json', 'the body must be a JSON object')
  return body
}

/** @param {string} text */
function parseJson(text) {
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal(400, 'malformed-json', 'the body is no JSON')
  }
}

/** @type {Route} */
function scan(whatsapp, body) {
  return whatsapp.scan({
    qrCode: text(body, 'qrCode'),
    phoneNumber: optionalNumber(body) ?? PHONE_NUMBER,
    pushName: pushName(body)
  })
}

/** @type {Route} */
function typeCode(whatsapp, body) {
  const code = text(body, 'code').replace('-', '').toUpperCase()
  return whatsapp.typeCode({ phoneNumber: phoneNumber(body), code, pushName: pushName(body) })
}

/** @type {Route} */
function notify(whatsapp, body) {
  const contact = body.from === undefined ? null : phoneNumber(body, 'from')
  return { notified: whatsapp.notify(phoneNumber(body), notificationAbout(text(body, 'about'), contact)) }
}

/** @type {Route} */
function refreshRegistration(whatsapp, body) {
  const { child = REFRESH_CHILDREN[0] } = body
  if (!REFRESH_CHILDREN.includes(String(child))) throw invalid(`child must be one of ${REFRESH_CHILDREN.join(', ')}`)
  const qrCode = body.qrCode === undefined ? null : text(body, 'qrCode')
  return { refreshed: whatsapp.refreshRegistration({ qrCode, child: String(child) }) }
}

/** @type {Route} */
function logoutCheck(whatsapp, body) {
  const number = phoneNumber(body)
  const devices = whatsapp.state().devices.filter(device => device.phoneNumber === number)
  return { phoneNumber: number, linked: devices.length > 0, devices: devices.map(({ device }) => device) }
}

/** @type {Route} */
function refreshCode(whatsapp, body) {
  whatsapp.refreshCode(phoneNumber(body))
  return { phoneNumber: body.phoneNumber }
}

/** @type {Route} */
function reset(whatsapp) {
  whatsapp.reset()
  return whatsapp.state()
}

/** @type {Route} */
function breakOff(whatsapp, body) {
  const error = text(body, 'error')
  if (!isStreamError(error))
    throw invalid('error must be a code of three digits, conflict, device_removed, ack or xml-not-well-formed')
  return { ended: whatsapp.breakOff(optionalNumber(body), error) }
}

/** @type {Route} */
function setFaults(whatsapp, body) {
  return whatsapp.misbehave(body)
}

/**
 * @param {ServerResponse} response
 * @param {unknown} error
 */
function refuse(response, error) {
  const isRefusal = error instanceof Refusal
  const refusal = isRefusal ? error : new Refusal(500, 'internal-error', 'this is a bug of the sandbox')
  if (!isRefusal) log('bug', { reason: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  answer(response, refusal.status, { error: refusal.code, detail: refusal.message })
}

/**
 * @param {ServerResponse} response
 * @param {number} status
 * @param {unknown} body
 */
function answer(response, status, body) {
  if (response.destroyed) return
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(`${JSON.stringify(body)}\n`)
}
