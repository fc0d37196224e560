// @ts-check
/** Endings of a Baileys socket that Baileys itself does not report, or reports without their cause. */

import { readFailure, readStreamError } from './close_reasons.js'
import { ending } from './baileys_errors.js'

/** Limit for the answer to our close frame. `ws` alone would wait for 30 s. */
const CLOSE_GRACE_MS = 500

/** WhatsApp sends it if the phone that scanned cannot have linked devices. */
const DOWNGRADE_EVENT = 'CB:ib,,downgrade_webclient'

/** @typedef {import('./baileys_errors.js').Ending} Ending */
/** @typedef {import('baileys').BinaryNode} Stanza */

/**
 * @param {import('baileys').WASocket['ws']} ws of a socket that was just made
 * @param {object} listener
 * @param {() => {isPaired: boolean}} listener.account
 * @param {(ending: Ending) => void} listener.ended
 * @param {() => void} listener.scanRefused a phone scanned and cannot link; the code can be scanned again
 */
export function listenForEndings(ws, { account, ended, scanRefused }) {
  ws.on('unexpected-response', (_, { statusCode }) => ended(ending('whatsapp-unreachable', `HTTP ${statusCode}`)))
  // Before Baileys, which keeps only a number of them.
  ws.prependListener('CB:failure', (/** @type {Stanza} */ { attrs }) => ended(readFailure(attrs, account())))
  ws.prependListener('CB:stream:error', (/** @type {Stanza} */ error) => ended(readStreamError(error, account())))
  // Baileys would close the socket, but its code can still be scanned (whatsmeow, QRScannedWithoutMultidevice).
  ws.removeAllListeners(DOWNGRADE_EVENT)
  ws.on(DOWNGRADE_EVENT, scanRefused)
  ws.on('CB:notification,type:passkey_prologue_request', () => ended(ending('passkey-required')))
}

/**
 * Cuts the connection soon after it is closed. Baileys reports an ending only after the WebSocket is closed, and a server
 * that stopped answering never closes it.
 * @param {import('baileys').WASocket['ws']} ws
 */
export function limitClosing(ws) {
  const close = ws.close.bind(ws)
  ws.close = () => {
    const inner = /** @type {{socket: {terminate: () => void} | null}} */ (/** @type {unknown} */ (ws)).socket
    setTimeout(() => inner?.terminate(), CLOSE_GRACE_MS)
    return close()
  }
}
