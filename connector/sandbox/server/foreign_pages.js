// @ts-check
/** Refuses what a web page in a browser of this host could send: every page can reach ports of loopback. */

import { isIP } from 'node:net'
import { Refusal } from './refusal.js'

/** @import { IncomingHttpHeaders } from 'node:http' */

/** Origin that clients of WhatsApp Web send, Baileys among them. */
const WHATSAPP_ORIGIN = 'https://web.whatsapp.com'

/**
 * Throws if a page sent the request. The control port has no pages of its own.
 * @param {IncomingHttpHeaders} headers
 */
export function refusePages(headers) {
  if (!isLocalName(headers.host ?? ''))
    throw new Refusal(403, 'foreign-host', 'use localhost or an IP address: another name could be one of a web page')
  const site = headers['sec-fetch-site'] ?? 'none'
  if (headers.origin !== undefined || site !== 'none')
    throw new Refusal(403, 'foreign-page', 'the request comes from a web page')
}

/**
 * Whether a client of WhatsApp may have sent the upgrade. A browser names the origin of its page in each.
 * @param {IncomingHttpHeaders} headers
 */
export function isClient({ origin }) {
  return origin === undefined || origin === WHATSAPP_ORIGIN
}

/**
 * Whether no DNS server can lead the name to this host. A page whose own name leads here is of the same origin as
 * this host, as far as its browser knows (DNS rebinding).
 * @param {string} host with or without a port
 */
function isLocalName(host) {
  const [, bracketed, plain = ''] = /^(?:\[([^\]]+)\]|([^:]*))(?::\d+)?$/.exec(host) ?? []
  const name = (bracketed ?? plain).toLowerCase()
  return isIP(name) !== 0 || name === 'localhost'
}
