// @ts-check
/**
 * HTTP requests of this process through the proxy of the session.
 *
 * Baileys fetches snapshots of the account's settings, and media, with the global `fetch`. Node's own `fetch` takes no agent, and
 * would leave this host directly.
 */

import { request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import { Readable } from 'node:stream'
import { isLoopback, openTunnel } from './proxy_agent.js'

/** Limit for the proxy to reach the target. */
const CONNECT_TIMEOUT_MS = 10_000

const fetchDirectly = globalThis.fetch

/** Statuses of answers without a body. */
const BODILESS_STATUSES = [204, 205, 304]

/** @param {string | null} proxy URL; null: fetch directly */
export function routeFetch(proxy) {
  globalThis.fetch = proxy === null ? fetchDirectly : (input, init) => fetchThrough(proxy, new Request(input, init))
}

/**
 * Fetches through the proxy. It follows no redirect.
 * @param {string} proxy
 * @param {Request} request
 * @returns {Promise<Response>}
 */
async function fetchThrough(proxy, request) {
  const url = new URL(request.url)
  if (isLoopback(url.hostname)) return fetchDirectly(request)
  const { agent } = openTunnel(proxy, CONNECT_TIMEOUT_MS)
  const start = url.protocol === 'https:' ? requestSecure : requestPlain
  const body = request.body && Buffer.from(await request.arrayBuffer())
  const { method, signal } = request
  const { promise, resolve, reject } = Promise.withResolvers()
  const sent = start(url, { agent, method, signal, headers: Object.fromEntries(request.headers) }, resolve)
  sent.on('error', reject)
  sent.end(body)
  return responseOf(await promise)
}

/** @param {import('node:http').IncomingMessage} message */
function responseOf(message) {
  const status = message.statusCode ?? 0
  const headers = Object.entries(message.headersDistinct).flatMap(([name, values]) =>
    (values ?? []).map(value => [name, value])
  )
  const body = BODILESS_STATUSES.includes(status) ? null : Readable.toWeb(message)
  return new Response(/** @type {any} */ (body), { status, headers: /** @type {[string, string][]} */ (headers) })
}
