// @ts-check
/** Causes of a connection that failed, in words for people. Each continues a sentence about the host: "it". */

import { STATUS_CODES } from 'node:http'

/** Meanings of Node's error codes. @type {Record<string, string>} */
const CODES = {
  EAI_AGAIN: 'its name cannot be looked up',
  ECONNREFUSED: 'it refuses the connection',
  ECONNRESET: 'it cut the connection',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  ENOTFOUND: 'there is no host of this name',
  EPIPE: 'it cut the connection',
  EPROTO: 'it does not speak TLS',
  ETIMEDOUT: 'it does not answer'
}

/** @param {string} code of Node, such as `ENOTFOUND` */
export const textOfCode = code => CODES[code] ?? `its connection failed (${code})`

/** The status line without its own words, which may be any text. @param {number} status */
export function textOfStatus(status) {
  const words = STATUS_CODES[status]
  return words ? `it answered ${status} ${words}` : 'its answer is not HTTP'
}

/** The code in a message such as `getaddrinfo ENOTFOUND web.whatsapp.com`. @param {string} message */
export const codeIn = message => /\bE[A-Z_]{4,}\b/.exec(message)?.[0]
