// @ts-check
/** What clients said that the sandbox does not know: how a new version of a client shows itself. */

import { firstChild } from '../protocol/stanza.js'

/** @import { BinaryNode } from 'baileys' */

/** Telemetry and acknowledgements, to which a server has nothing to say. */
const UNREMARKABLE = new Set(['ack', 'chatstate', 'ib', 'presence', 'receipt'])

/**
 * @typedef {object} UnknownQuery
 * @property {string} tag of the query's child, or of the stanza where it is no query
 * @property {string | null} xmlns
 * @property {string | null} type
 */

export class Unknown {
  /** Each kind once. @type {UnknownQuery[]} */
  queries = []

  /** @param {BinaryNode} node */
  note(node) {
    if (UNREMARKABLE.has(node.tag)) return
    const tag = node.tag === 'iq' ? (firstChild(node)?.tag ?? 'iq') : node.tag
    const query = { tag, xmlns: node.attrs.xmlns ?? null, type: node.attrs.type ?? null }
    const isNew = !this.queries.some(known => JSON.stringify(known) === JSON.stringify(query))
    if (isNew) this.queries.push(query)
  }

  forget() {
    this.queries = []
  }
}
