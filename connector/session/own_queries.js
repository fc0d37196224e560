// @ts-check
/**
 * Queries that Baileys makes without a request of Motte. docs/decisions/0016-queries-that-baileys-makes.md lists each of them,
 * and what follows if it fails.
 *
 * Baileys 7.0.0-rc14 catches the failures of all of them, except those that dirty marks cause. Those are made here instead.
 */

import { getBinaryNodeChildren, S_WHATSAPP_NET } from 'baileys'
import { harmless } from '../process/logger.js'

/** Stanza that lists what has changed. WhatsApp sends it at each login until the marks are cleaned. */
export const DIRTY_EVENT = 'CB:ib,,dirty'

/** Codes with which a WebSocket closes. A query that waits is rejected with the bare code. */
const CLOSE_CODES = { from: 1000, to: 4999 }

/** Status codes of Baileys' own errors: no answer in time; the connection is closed. */
const TIMED_OUT = 408
const CLOSED = 428

/** @typedef {import('baileys').BinaryNode} Stanza */
/** @typedef {Pick<import('baileys').WASocket, 'ws' | 'query'>} Socket */

/**
 * Cleans each dirty mark and fetches nothing. Motte does not use the lists of groups and communities, and an error as the answer
 * to Baileys' own query for them would end the process. WhatsApp Web (WAWebClearDirtyBitsJob) and whatsmeow (MarkNotDirty)
 * both answer with the type and the timestamp of the mark.
 * @param {Socket} socket that was just made
 * @param {Pick<import('../process/logger.js').Log, 'info' | 'warning'>} log
 */
export function cleanDirtyMarks(socket, log) {
  socket.ws.removeAllListeners(DIRTY_EVENT)
  socket.ws.on(DIRTY_EVENT, (/** @type {Stanza} */ stanza) => {
    for (const { attrs } of getBinaryNodeChildren(stanza, 'dirty')) void clean(socket, attrs, log)
  })
}

/**
 * Cleans one mark. If that fails, the mark comes again at the next login.
 * @param {Socket} socket
 * @param {Record<string, string>} mark
 * @param {Pick<import('../process/logger.js').Log, 'info' | 'warning'>} log
 */
async function clean({ query }, { type, timestamp }, log) {
  const content = [{ tag: 'clean', attrs: { type, ...(timestamp && { timestamp }) } }]
  const attrs = { to: S_WHATSAPP_NET, type: 'set', xmlns: 'urn:xmpp:whatsapp:dirty' }
  try {
    await query({ tag: 'iq', attrs, content })
    log.info('dirty_mark_cleaned', { type })
  } catch (error) {
    log.warning('query_failed', { query: 'clean', ...failureOf(error) })
  }
}

/**
 * Whether an unhandled rejection only means that a query failed: an error as its answer, no answer, or a lost connection.
 * The owner of the socket hears of a lost connection in the regular way.
 * @param {any} error
 */
export const isFailedQuery = error =>
  isCloseCode(error) || isErrorAnswer(error) || isClosedOrTimedOut(error) || isConnectionError(error)

/** The log fields of a failed query. @param {any} error */
export function failureOf(error) {
  if (isCloseCode(error)) return { closed: error }
  return { ...harmless(error), ...(isErrorAnswer(error) && { code: error.data }) }
}

/** @param {unknown} error */
const isCloseCode = error =>
  Number.isInteger(error) && Number(error) >= CLOSE_CODES.from && Number(error) <= CLOSE_CODES.to

/** An `iq` of type `error`: Baileys puts the code that WhatsApp gave into `data`. @param {any} error */
const isErrorAnswer = error => error?.isBoom === true && typeof error.data === 'number'

/** @param {any} error */
const isClosedOrTimedOut = error => error?.isBoom === true && [TIMED_OUT, CLOSED].includes(error.output?.statusCode)

/** Errors of Node or `ws` if a connection fails during a read or a write. @param {any} error */
const isConnectionError = error =>
  error instanceof Error &&
  (['read', 'write'].includes(String(/** @type {any} */ (error).syscall)) ||
    error.message.startsWith('WebSocket is not open'))
