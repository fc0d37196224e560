// @ts-check
/** Messages and accounts that a message names: what it is about, what it quotes, whom it mentions. */

import { cut, MAX_MENTIONS, MAX_QUOTE_LENGTH, short } from '../../ipc/bounds.js'
import { readContent } from './read.js'

/** @typedef {import('./reading.js').Key} Key */
/** @typedef {import('./reading.js').Context} Context */
/** @typedef {import('../addresses.js').Aliases} Aliases */

/**
 * @typedef {object} Place where a message is, and who wrote it
 * @property {Aliases} chat
 * @property {Aliases} sender
 * @property {boolean} fromMe
 * @property {import('../addresses.js').People} people
 * @property {boolean} [isOurView] Baileys has turned `fromMe` of the keys inside to the view of this account
 */

/** Chats in which several people write. @param {string} address */
const isShared = address => !/@(s\.whatsapp\.net|lid)$/.test(address)

/** An address as WhatsApp makes them. A sender can put anything there. */
const ADDRESS = /^[\w.-]{1,100}@[\w.-]{1,50}$/

/**
 * The message that another one is about: its id, its chat and each address of its author; null if it is not named.
 * `fromMe` is true if the one who sent the key wrote the message (cleanMessage of Baileys, getOrigSenderFromKey of whatsmeow).
 * @param {Key | null | undefined} key
 * @param {Place} place
 * @param {{isOwn?: boolean}} [options] isOwn: only the author of the target may send this, so that nobody else can be meant
 * @returns {{id: string, chat: Aliases, sender: Aliases} | null}
 */
export function targetOf(key, place, { isOwn = false } = {}) {
  if (!key?.id) return null
  const named = place.people.aliasesOf(key.remoteJid ?? '')
  const chat = named[0] === 'status@broadcast' ? named : place.chat
  return { id: key.id, chat, sender: isOwn ? place.sender : authorOf(key, chat, place) }
}

/** @param {Key} key @param {Aliases} chat @param {Place} place @returns {Aliases} */
function authorOf({ fromMe, participant }, chat, { chat: here, sender, fromMe: isOurs, people, isOurView }) {
  if (fromMe) return isOurView ? people.me : sender
  if (isShared(chat[0] ?? '')) return participant ? people.aliasesOf(participant) : here
  return isOurs || isOurView ? here : people.me
}

/** @param {{id: string, chat: Aliases, sender: Aliases}} target @param {Place} place */
export const shown = ({ id, chat, sender }, { people }) => ({
  id: short(id),
  chat: people.shown(chat),
  sender: people.shown(sender)
})

/**
 * What a message quotes; null if it quotes nothing.
 * @param {Context | null | undefined} context
 * @param {Place} place
 */
export function quoteIn(context, place) {
  if (!context?.stanzaId) return null
  const { people } = place
  const named = people.aliasesOf(context.remoteJid ?? '')
  // A chat of two has another name on the other side.
  const chat = named[0] && isShared(named[0]) ? named : place.chat
  const text = readContent(context.quotedMessage)?.lines.join('\n')
  return {
    id: short(context.stanzaId),
    chat: people.shown(chat),
    sender: people.shown(context.participant ? people.aliasesOf(context.participant) : chat),
    text: text ? cut(text, MAX_QUOTE_LENGTH) : null
  }
}

/**
 * Accounts that a text mentions.
 * @param {Context | null | undefined} context
 * @param {Place} place
 * @returns {string[]}
 */
export function mentionsIn(context, { people }) {
  const addresses = (context?.mentionedJid ?? []).slice(0, MAX_MENTIONS).map(jid => people.shown(people.aliasesOf(jid)))
  return [...new Set(addresses)].filter(address => ADDRESS.test(address))
}
