// @ts-check
/** Versions of WhatsApp Web: the check of a client's version, and the page on which the site names its newest one. */

/** @import { ServerResponse } from 'node:http' */

/** Page on which clients look up the version, as on web.whatsapp.com. */
export const SERVICE_WORKER_PATH = '/sw.js'

/** @typedef {{ primary?: number | null, secondary?: number | null, tertiary?: number | null }} AppVersion as a client's payload has it */

/** @param {unknown} value three numbers, as in `2.3000.1049950004` */
export const isVersion = value => typeof value === 'string' && /^\d{1,10}\.\d{1,10}\.\d{1,10}$/.test(value)

/** @param {unknown} value */
export const isRevision = value => value === null || (Number.isSafeInteger(value) && Number(value) > 0)

/**
 * @param {AppVersion | null | undefined} announced
 * @param {string} minimum
 */
export function isTooOld(announced, minimum) {
  const { primary, secondary, tertiary } = announced ?? {}
  const mine = [primary, secondary, tertiary].map(number => number ?? 0)
  const differing = minimum
    .split('.')
    .map((number, place) => mine[place] - Number(number))
    .find(difference => difference !== 0)
  return (differing ?? 0) < 0
}

/**
 * Responds with the part of the service worker that a look-up reads: configuration as JSON inside a text.
 * @param {ServerResponse} response
 * @param {number | null} revision null: the page does not exist
 */
export function serveWorker(response, revision) {
  if (revision === null) return void response.writeHead(404).end()
  response.writeHead(200, { 'content-type': 'application/javascript; charset=utf-8' })
  response.end(`/*sandbox*/(()=>{const c='{\\"client_revision\\":${revision},\\"tier\\":\\"sandbox\\"}'})();\n`)
}
