// @ts-check
/** Relay of one message: the members and the Signal sessions that it needs, then its stanza. */

import { stanzaAttributes } from './content.js'
import { counted } from './sealing.js'
import { needingAnswers } from './unanswered.js'

/** Devices whose sessions one query fetches: it must be answered within the limit of a query. */
const DEVICES_PER_QUERY = 50

/** Members whose devices one query looks up. Baileys fetches a session for each account that is new, in the same turn. */
const MEMBERS_PER_QUERY = 50

/** @typedef {import('baileys').WASocket} WASocket */
/** @typedef {import('baileys').proto.IMessage} IMessage */
/** @typedef {import('./group_cache.js').GroupCache} GroupCache */

/** @param {string} chat */
export const isGroup = chat => chat.endsWith('@g.us')

/**
 * Resolves once the stanza is written to the socket. A query that WhatsApp does not answer fails.
 * @param {WASocket} socket
 * @param {{id: string, chat: string, message: IMessage}} outgoing
 * @param {{groups: GroupCache, tally: import('./sealing.js').Tally}} parts
 */
export async function relay(socket, { id, chat, message }, { groups, tally }) {
  const additionalAttributes = stanzaAttributes(message, chat)
  await needingAnswers(async () => {
    if (isGroup(chat)) await prepareGroup(socket, chat, groups)
    await counted(tally, () => socket.relayMessage(chat, message, { messageId: id, additionalAttributes }))
  })
}

/**
 * Fetches in small queries what Baileys would fetch in one: a group of 1,024 would exceed the limit of a query.
 * @param {WASocket} socket
 * @param {string} group
 * @param {GroupCache} groups
 */
async function prepareGroup(socket, group, groups) {
  if (!groups.get(group)) groups.set(group, await socket.groupMetadata(group))
  const members = groups.get(group)?.participants.map(({ id }) => id) ?? []
  const given = await keysGivenIn(socket, group)
  const missing = []
  for (const some of pieces(members, MEMBERS_PER_QUERY)) {
    const devices = await socket.getUSyncDevices(some, true, false)
    missing.push(...devices.map(({ jid }) => jid).filter(jid => !given[jid]))
  }
  for (const some of pieces(missing, DEVICES_PER_QUERY)) await socket.assertSessions(some)
}

/** The devices that have the account's sender key of a group. @param {WASocket} socket @param {string} group @returns {Promise<Record<string, boolean>>} */
export async function keysGivenIn({ authState }, group) {
  return (await authState.keys.get('sender-key-memory', [group]))[group] ?? {}
}

/** @param {WASocket} socket @param {string} group @param {Record<string, boolean> | null} given null: nobody has the key */
export const rememberKeysGiven = ({ authState }, group, given) =>
  authState.keys.set({ 'sender-key-memory': { [group]: given } })

/** @template T @param {T[]} items @param {number} size @returns {T[][]} */
const pieces = (items, size) =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size))
