// @ts-check
/** Refusals of clients that want to register or to log in. */

import { proto } from 'baileys'
import { failure, streamError } from '../protocol/endings.js'
import { log } from './logger.js'

/** @import { ClientHandler, Connection } from './connection.js' */

/** Handler of a client that was refused. @type {ClientHandler} */
const REFUSED = { receive() {}, closed() {} }

/** Platforms of the old desktop programs. */
const DESKTOP_PLATFORMS = new Set([
  proto.ClientPayload.WebInfo.WebSubPlatform.DARWIN,
  proto.ClientPayload.WebInfo.WebSubPlatform.WIN32
])

/**
 * @param {Connection} connection
 * @param {unknown} why the reason of the failure, with or without attributes
 */
export function refuseWithFailure(connection, why) {
  const stanza = failure(why)
  log('turned_away', { reason: stanza.attrs.reason })
  connection.end(stanza)
  return REFUSED
}

/**
 * @param {Connection} connection
 * @param {unknown} error
 */
export function refuseWithStreamError(connection, error) {
  connection.end(streamError(error))
  return REFUSED
}

/**
 * Whether a client says that it is an old desktop program. Since 30 June 2026 WhatsApp closes a socket on which one registers,
 * without a stanza (Baileys #2677 and #2705, where several people have changed nothing else). Baileys calls that 428.
 * @param {proto.ClientPayload} payload
 */
export function isDesktop({ webInfo }) {
  const platform = webInfo?.webSubPlatform
  return platform !== undefined && platform !== null && DESKTOP_PLATFORMS.has(platform)
}

/** @param {Connection} connection */
export function cutDesktop(connection) {
  log('cut_off', { reason: 'it says that it is a desktop program' })
  connection.drop()
  return REFUSED
}
