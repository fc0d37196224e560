// @ts-check
/** Stanzas of clients that the sandbox does not know. They show what a new version of a client does. */

import { firstChild } from '../protocol/stanza.js'

/** @import { BinaryNode } from 'baileys' */

/** Telemetry and acknowledgements: a server does not answer them. */
const UNREMARKABLE = new Set(['ack', 'chatstate', 'ib', 'presence', 'receipt'])

/**
 * @typedef {object} UnknownQuery
 * @property {string} tag of the query's child, or of a stanza that is not a query
 * @property {string | null} xmlns
 * @property {string | null} type
 */

export class UnknownStanzas {
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
