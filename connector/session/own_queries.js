// @ts-check
/**
 * What Baileys asks WhatsApp by itself, without a request of Motte's. Each such query, and what follows if it fails, is listed
 * in docs/decisions/0016-queries-that-baileys-makes.md.
 *
 * Baileys 7.0.0-rc14 catches the failure of all of them but those that dirty marks cause: those are made here instead.
 */

import { getBinaryNodeChildren, S_WHATSAPP_NET } from 'baileys'
import { harmless } from '../process/logger.js'

/** The stanza in which WhatsApp says at a login what changed meanwhile, at each login until it is cleaned. */
export const DIRTY = 'CB:ib,,dirty'

/** Codes with which a WebSocket closes. What awaits a query is rejected with the bare code. */
const CLOSE_CODES = { from: 1000, to: 4999 }

/** Status codes of Baileys' own errors: no answer in time, the connection is closed. */
const TIMED_OUT = 408
const CLOSED = 428

/** @typedef {import('baileys').BinaryNode} Stanza */
/** @typedef {Pick<import('baileys').WASocket, 'ws' | 'query'>} Socket */

/**
 * Cleans each dirty mark and fetches nothing: Motte uses neither the list of groups nor that of communities, and an error
 * answer to Baileys' own query for them would end the process. Both WhatsApp Web (WAWebClearDirtyBitsJob) and whatsmeow
 * (MarkNotDirty) answer with the type and the timestamp of the mark.
 * @param {Socket} socket that was made just now
 * @param {Pick<import('../process/logger.js').Log, 'info' | 'warning'>} log
 */
export function cleanDirtyMarks(socket, log) {
  socket.ws.removeAllListeners(DIRTY)
  socket.ws.on(DIRTY, (/** @type {Stanza} */ stanza) => {
    for (const { attrs } of getBinaryNodeChildren(stanza, 'dirty')) void clean(socket, attrs, log)
  })
}

/**
 * A mark that could not be cleaned comes again at the next login.
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
 * Whether a rejection that nobody handled says only that a query failed: an error answer, no answer, or a cut in the middle.
 * The owner of the socket learns of a cut in the regular way.
 * @param {any} error
 */
export const isFailedQuery = error => isCloseCode(error) || isErrorAnswer(error) || isOfSocket(error) || isOfLine(error)

/** What may be said of a failed query. @param {any} error */
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
const isOfSocket = error => error?.isBoom === true && [TIMED_OUT, CLOSED].includes(error.output?.statusCode)

/** What Node or `ws` says of a connection that fails while something is read or written. @param {any} error */
const isOfLine = error =>
  error instanceof Error &&
  (['read', 'write'].includes(String(/** @type {any} */ (error).syscall)) ||
    error.message.startsWith('WebSocket is not open'))
