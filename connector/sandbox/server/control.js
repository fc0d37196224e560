// @ts-check
/** The control port: phones, faults and questions, as JSON over HTTP. */

import { ROUTES } from './control_routes.js'
import { refusePages } from './foreign_pages.js'
import { log } from './logger.js'
import { Refusal } from './refusal.js'

/** @import { IncomingMessage, ServerResponse } from 'node:http' */
/** @import { Body } from './control_requests.js' */
/** @import { WhatsApp } from './whatsapp.js' */

const MAX_BODY_BYTES = 64 * 1024
const LOOPBACK = /^(::1|(::ffff:)?127\..*)$/

/**
 * Answers one request. Never rejected.
 * @param {WhatsApp} whatsapp
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 */
export async function control(whatsapp, request, response) {
  try {
    if (!LOOPBACK.test(request.socket.remoteAddress ?? ''))
      throw new Refusal(403, 'not-local', 'phones are played from this host alone')
    refusePages(request.headers)
    const route = find(request)
    const { searchParams } = new URL(request.url ?? '', 'http://sandbox')
    const body = request.method === 'GET' ? Object.fromEntries(searchParams) : await readBody(request)
    respond(response, 200, await route(whatsapp, body))
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

/**
 * @param {IncomingMessage} request
 * @returns {Promise<Body>} an empty object if the request has no body
 */
async function readBody(request) {
  const chunks = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length > MAX_BODY_BYTES) throw new Refusal(413, 'body-too-large', `a body has at most ${MAX_BODY_BYTES} bytes`)
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

/**
 * @param {ServerResponse} response
 * @param {unknown} error
 */
function refuse(response, error) {
  const isRefusal = error instanceof Refusal
  const refusal = isRefusal ? error : new Refusal(500, 'internal-error', 'this is a bug of the sandbox')
  if (!isRefusal) log('bug', { reason: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  respond(response, refusal.status, { error: refusal.code, detail: refusal.message })
}

/**
 * @param {ServerResponse} response
 * @param {number} status
 * @param {unknown} body
 */
function respond(response, status, body) {
  if (response.destroyed) return
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(`${JSON.stringify(body)}\n`)
}
