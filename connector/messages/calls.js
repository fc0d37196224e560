// @ts-check
/**
 * Calls that come. They are reported, not answered: a linked device rings as the phone does, and the phone goes on ringing.
 * Names of the stanza: handleCall and getCallStatusFromNode of Baileys 7.0.0-rc14, handleCallEvent of tulir/whatsmeow.
 */

import { getAllBinaryNodeChildren, getBinaryNodeChild } from 'baileys'
import { aliasesOfCaller, openPeople, resolve } from './addresses.js'
import { momentOf } from './normalize.js'

/** Stanzas with which a call begins. `offer_notice` is that of a group. */
const BEGINNINGS = new Set(['offer', 'offer_notice'])

/** @typedef {import('baileys').BinaryNode} Stanza */

/**
 * Stores each call before Baileys confirms it to WhatsApp.
 * @param {Pick<import('baileys').WASocket['ws'], 'prependListener'>} ws
 * @param {Pick<import('../storage/credentials.js').Credentials, 'state'>} credentials
 * @param {Pick<import('./dedup.js').Dedup, 'storeCall'>} dedup
 */
export function listenForCalls(ws, { state: { creds, keys } }, dedup) {
  ws.prependListener('CB:call', (/** @type {Stanza} */ stanza) => {
    const found = creds.me && readCall(stanza, creds.me, keys)
    if (found) dedup.storeCall(found.call, found.aliases)
  })
}

/**
 * The call that a stanza begins; null for any other stanza of a call, and for calls of the account itself.
 * @param {Stanza} stanza
 * @param {import('./addresses.js').Me} me
 * @param {Pick<import('baileys').SignalKeyStore, 'get'>} keys
 * @param {number} [now] milliseconds since 1970: replaces an impossible time
 */
export function readCall(stanza, me, keys, now = Date.now()) {
  const [begin] = getAllBinaryNodeChildren(stanza)
  const id = begin?.attrs['call-id']
  if (!begin || !BEGINNINGS.has(begin.tag) || !id) return null
  const { chat, sender, aliases } = resolve(aliasesOfCaller(stanza.attrs, begin.attrs, me), keys)
  if (!sender || openPeople(me, keys).me.includes(sender)) return null
  const isGroup = begin.attrs.type === 'group' || Boolean(begin.attrs['group-jid'])
  const isVideo = Boolean(getBinaryNodeChild(begin, 'video')) || begin.attrs.media === 'video'
  return { call: { id, chat, from: sender, at: momentOf(Number(stanza.attrs.t)) ?? now, isVideo, isGroup }, aliases }
}
