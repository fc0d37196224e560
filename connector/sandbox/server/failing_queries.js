// @ts-check
/** Queries that fail as the faults say. */

import { getBinaryNodeChild, getBinaryNodeChildren, jidDecode } from 'baileys'
import { firstChild } from '../protocol/stanza.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { ConnectionFaults } from './faults.js' */

/** @typedef {{ how: 'silence' } | { how: 'error', code: string } | { how: 'drop' | 'close' }} QueryFailure */

/** Type, namespace and first child of a query, as in `get encrypt count`. @param {BinaryNode} iq */
export function kindOf(iq) {
  return [iq.attrs.type, iq.attrs.xmlns, firstChild(iq)?.tag].filter(Boolean).join(' ')
}

/**
 * The failure of a query; null: the query is answered.
 * @param {BinaryNode} iq
 * @param {ConnectionFaults} fault
 * @returns {QueryFailure | null}
 */
export function queryFailure(iq, fault) {
  const isMeant = (/** @type {any} */ kind) => kind === iq.attrs.xmlns || kind === kindOf(iq)
  if (fault('silentQueries', kinds => [kinds].flat().some(isMeant))) return { how: 'silence' }
  if (fault('silentUsers', numbers => isAbout(iq, /** @type {any} */ (numbers)))) return { how: 'silence' }
  const error = /** @type {any} */ (fault('queryError', ({ kind }) => isMeant(kind)))
  if (error) return { how: 'error', code: String(error.code) }
  const cut = /** @type {any} */ (fault('queryCut', ({ kind }) => isMeant(kind)))
  return cut ? { how: cut.how ?? 'drop' } : null
}

/** Whether a query looks up one of these numbers. @param {BinaryNode} iq @param {string[]} numbers */
function isAbout(iq, numbers) {
  const users = getBinaryNodeChildren(getBinaryNodeChild(getBinaryNodeChild(iq, 'usync'), 'list'), 'user')
  return users.some(({ attrs: { jid = '' } }) => numbers.includes(jidDecode(jid)?.user ?? ''))
}
