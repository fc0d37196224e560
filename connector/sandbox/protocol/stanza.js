// @ts-check
/** Stanzas: how the sandbox writes and reads the nodes of WhatsApp's binary XML. */

import { randomBytes } from 'node:crypto'
import { getAllBinaryNodeChildren, S_WHATSAPP_NET } from 'baileys'

/** @import { BinaryNode } from 'baileys' */

export const SERVER = S_WHATSAPP_NET

/**
 * Makes a stanza. Attributes must be strings: Baileys' encoder counts any other value and then leaves it out, which breaks the frame.
 * @param {string} tag
 * @param {Record<string, string>} [attrs]
 * @param {BinaryNode['content']} [content]
 * @returns {BinaryNode}
 */
export function stanza(tag, attrs = {}, content) {
  return content === undefined ? { tag, attrs } : { tag, attrs, content }
}

/**
 * The answer to a query.
 * @param {BinaryNode} iq
 * @param {BinaryNode[]} [content]
 */
export function result(iq, content) {
  return stanza('iq', { from: SERVER, type: 'result', id: iq.attrs.id ?? '' }, content)
}

/**
 * The error as the answer to a query.
 * @param {BinaryNode} iq
 * @param {string} code
 */
export function refusal(iq, code) {
  return stanza('iq', { from: SERVER, type: 'error', id: iq.attrs.id ?? '' }, [
    stanza('error', { code, text: 'refused' })
  ])
}

/**
 * The confirmation of a stanza that is not a query.
 * @param {BinaryNode} node
 * @param {Record<string, string>} more
 */
export function acknowledgement({ tag, attrs: { id = '', to = SERVER } }, more) {
  return stanza('ack', { class: tag, id, from: to, t: timestamp(), ...more })
}

/** @param {BinaryNode} node */
export function firstChild(node) {
  return getAllBinaryNodeChildren(node)[0]
}

/** Makes an id that no other stanza has. */
export function newId() {
  return `sandbox-${randomBytes(6).toString('hex')}`
}

/** The present time in seconds, as in stanzas. */
export function timestamp() {
  return String(Math.floor(Date.now() / 1000))
}
