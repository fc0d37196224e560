// @ts-check
/**
 * What this process fetches over HTTP takes the way of the session.
 *
 * Baileys fetches snapshots of the account's settings, and media, with the global `fetch`. Node's own takes no agent, and would
 * leave this host directly.
 */

import { request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import { Readable } from 'node:stream'
import { isLoopback, openTunnel } from './proxy_agent.js'

/** Milliseconds until the proxy has reached the target. */
const CONNECT_MS = 10_000

const direct = globalThis.fetch

/** Answers that have no body. */
const BODILESS = [204, 205, 304]

/** @param {string | null} proxy URL; null: fetch directly */
export function routeFetch(proxy) {
  globalThis.fetch = proxy === null ? direct : (input, init) => fetchThrough(proxy, new Request(input, init))
}

/**
 * Follows no redirect.
 * @param {string} proxy
 * @param {Request} request
 * @returns {Promise<Response>}
 */
async function fetchThrough(proxy, request) {
  const url = new URL(request.url)
  if (isLoopback(url.hostname)) return direct(request)
  const { agent } = openTunnel(proxy, CONNECT_MS)
  const start = url.protocol === 'https:' ? requestSecure : requestPlain
  const body = request.body && Buffer.from(await request.arrayBuffer())
  const { method, signal } = request
  const { promise, resolve, reject } = Promise.withResolvers()
  const sent = start(url, { agent, method, signal, headers: Object.fromEntries(request.headers) }, resolve)
  sent.on('error', reject)
  sent.end(body)
  return answered(await promise)
}

/** @param {import('node:http').IncomingMessage} message */
function answered(message) {
  const status = message.statusCode ?? 0
  const headers = Object.entries(message.headersDistinct).flatMap(([name, values]) =>
    (values ?? []).map(value => [name, value])
  )
  const body = BODILESS.includes(status) ? null : Readable.toWeb(message)
  return new Response(/** @type {any} */ (body), { status, headers: /** @type {[string, string][]} */ (headers) })
}
