// @ts-check
/**
 * Queries of a relay that WhatsApp does not answer.
 *
 * Baileys 7.0.0-rc14 resolves such a query with undefined (`waitForMessage`), and the relay goes on as if WhatsApp had said that there
 * is nothing: a message is written for no device at all, or its recipient counts as somebody without devices. Here such a query
 * gets an error as its answer, as if WhatsApp had sent one.
 */

import { AsyncLocalStorage } from 'node:async_hooks'
import { S_WHATSAPP_NET } from 'baileys'

/** Part of Baileys' own limit of a query: it must not come first. */
const TIMEOUT_FRACTION = 0.9

/** How the event is named that brings the answer to a query. */
const ANSWER = 'TAG:'

/** Code of an answer that did not come. */
const NO_ANSWER = 408

/** @typedef {import('baileys').WASocket} WASocket */

/** @type {AsyncLocalStorage<true>} */
const works = new AsyncLocalStorage()

/**
 * Runs work that cannot do without the answers to its queries.
 * @template T
 * @param {() => Promise<T>} work
 */
export const needingAnswers = work => works.run(true, work)

/**
 * Fails the queries of such work on a socket after a time.
 * @param {Pick<WASocket, 'ws'>} socket
 * @param {number} seconds Baileys' own limit of a query
 */
export function failUnanswered({ ws }, seconds) {
  ws.on('newListener', (/** @type {string | symbol} */ event) => {
    if (!works.getStore() || typeof event !== 'string' || !event.startsWith(ANSWER)) return
    const attrs = { id: event.slice(ANSWER.length), type: 'error' }
    const error = { tag: 'error', attrs: { code: String(NO_ANSWER), text: 'no answer in time' } }
    setTimeout(() => ws.emit(event, { tag: 'iq', attrs, content: [error] }), seconds * 1000 * TIMEOUT_FRACTION).unref()
  })
}

/** Whether WhatsApp did not answer a query. @param {any} error */
export const isUnanswered = error => error?.data === NO_ANSWER || error?.output?.statusCode === NO_ANSWER

/**
 * Whether WhatsApp still answers on a socket. It asks for what Baileys' keep-alive asks for.
 * @param {Pick<WASocket, 'query'>} socket
 */
export async function isAnswering({ query }) {
  const attrs = { to: S_WHATSAPP_NET, type: 'get', xmlns: 'w:p' }
  try {
    await needingAnswers(() => query({ tag: 'iq', attrs, content: [{ tag: 'ping', attrs: {} }] }))
    return true
  } catch (error) {
    return typeof (/** @type {any} */ (error)?.data) === 'number' && !isUnanswered(error)
  }
}
