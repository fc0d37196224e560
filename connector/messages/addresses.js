// @ts-check
/**
 * Addresses of a message: its chat and its sender, each by telephone number and by LID, as far as they are known.
 *
 * WhatsApp names an account by its number (`…@s.whatsapp.net`) or by a LID (`…@lid`), and changes from one to the other.
 * The stanza of a message often carries both. If it does not, the mapping that Baileys stores among the keys has the other one.
 * Names of the attributes: parseMessageSource of tulir/whatsmeow, extractAddressingContext of Baileys 7.0.0-rc14.
 */

import { jidDecode } from 'baileys'
import { otherUser } from './lid_mapping.js'

/** UTF-16 units. Real addresses are far shorter. */
const MAX_ADDRESS_LENGTH = 200

/** Servers whose accounts are those of another server. */
const SERVER_ALIASES = new Map([
  ['c.us', 's.whatsapp.net'],
  ['hosted', 's.whatsapp.net'],
  ['hosted.lid', 'lid']
])

/** @typedef {Record<string, string | undefined>} Attributes of a stanza */
/** @typedef {{id: string, lid?: string}} Me the account itself */
/** @typedef {string[]} Aliases an address as it was given, and the other one of the same account if it is known */

/**
 * @typedef {object} Addresses
 * @property {string} chat by number if it is known
 * @property {string | null} chatLid null for a group, and if it is not known
 * @property {string} sender by number if it is known
 * @property {string | null} senderLid null if it is not known
 * @property {{chat: Aliases, sender: Aliases}} aliases first as the stanza says it, before any mapping
 */

/**
 * Reads the addresses in the stanza of a message.
 * @param {Attributes} attrs
 * @param {Me} me
 * @returns {{chat: Aliases, sender: Aliases}}
 */
export function aliasesInStanza(attrs, me) {
  const from = withoutDevice(attrs.from)
  if (!isPerson(from)) {
    const author = attrs.participant ? withoutDevice(attrs.participant) : from
    return {
      chat: [from],
      sender: withAlias(author, aliasOf(author, me) ?? attrs[isLid(author) ? 'participant_pn' : 'participant_lid'])
    }
  }
  const sender = withAlias(from, aliasOf(from, me) ?? attrs[isLid(from) ? 'sender_pn' : 'sender_lid'])
  if (!attrs.recipient) return { chat: sender, sender }
  const chat = withoutDevice(attrs.recipient)
  const prefix = isLid(chat) ? ['peer_recipient_pn', 'recipient_pn'] : ['peer_recipient_lid', 'recipient_lid']
  return { chat: withAlias(chat, prefix.map(name => attrs[name]).find(Boolean)), sender }
}

/**
 * Reads the addresses in Baileys' key of a message that came without its own stanza.
 * @param {import('baileys').WAMessageKey} key
 * @param {Me} me
 * @returns {{chat: Aliases, sender: Aliases}}
 */
export function aliasesInKey({ remoteJid, remoteJidAlt, participant, participantAlt, fromMe }, me) {
  const jid = withoutDevice(remoteJid ?? '')
  const other = isPerson(jid) ? remoteJidAlt : null
  const chat = withAlias(jid, other && !aliasOf(withoutDevice(other), me) ? other : aliasOf(jid, me))
  if (fromMe) return { chat, sender: withAlias(withoutDevice(me.id), me.lid) }
  if (!participant) return { chat, sender: chat }
  return {
    chat,
    sender: withAlias(withoutDevice(participant), participantAlt ?? (isPerson(jid) ? null : remoteJidAlt))
  }
}

/**
 * Reads the addresses of a call.
 * @param {Attributes} attrs of the stanza
 * @param {Attributes} begin attributes of the offer in it
 * @param {Me} me
 * @returns {{chat: Aliases, sender: Aliases}}
 */
export function aliasesOfCaller(attrs, begin, me) {
  const caller = withoutDevice(begin['call-creator'] ?? begin.from ?? attrs.from)
  const sender = withAlias(caller, aliasOf(caller, me) ?? begin.caller_pn)
  const group = withoutDevice(begin['group-jid'] ?? attrs.from)
  return { chat: isPerson(group) ? sender : [group], sender }
}

/**
 * Completes aliases with the mapping between numbers and LIDs.
 * @param {{chat: Aliases, sender: Aliases}} aliases
 * @param {Pick<import('baileys').SignalKeyStore, 'get'>} keys a store that answers at once
 * @returns {Addresses}
 */
export function resolve(aliases, keys) {
  const [chat, sender] = [completed(aliases.chat, keys), completed(aliases.sender, keys)]
  return {
    chat: chat.find(isNumber) ?? chat[0] ?? '',
    chatLid: chat.find(isLid) ?? null,
    sender: sender.find(isNumber) ?? sender[0] ?? '',
    senderLid: sender.find(isLid) ?? null,
    aliases: { chat, sender }
  }
}

/** Accounts that the content of a message names. @typedef {ReturnType<typeof openPeople>} People */

/**
 * @param {Me} me
 * @param {Pick<import('baileys').SignalKeyStore, 'get'>} keys a store that answers at once
 */
export function openPeople(me, keys) {
  /** Each address of an account, or the one of a group. @param {string} jid @returns {Aliases} */
  const aliasesOf = jid => {
    const address = withoutDevice(jid)
    return completed(withAlias(address, aliasOf(address, me)), keys)
  }
  return {
    aliasesOf,
    /** Each address of the account itself. */
    me: aliasesOf(me.id),
    /** The address that callers get: by number if it is known. @param {Aliases} aliases */
    shown: aliases => aliases.find(isNumber) ?? aliases[0] ?? ''
  }
}

/** @param {Aliases} aliases @param {Pick<import('baileys').SignalKeyStore, 'get'>} keys @returns {Aliases} */
function completed(aliases, keys) {
  const [address = ''] = aliases
  if (aliases.length > 1 || !isPerson(address)) return aliases
  const [user = ''] = address.split('@')
  const mapped = otherUser(keys, user, { isLid: isLid(address) })
  return mapped ? [address, `${mapped}@${isLid(address) ? 's.whatsapp.net' : 'lid'}`] : aliases
}

/** @param {string} address @param {string | null | undefined} other @returns {Aliases} */
function withAlias(address, other) {
  const second = withoutDevice(other ?? '')
  return isPerson(second) && isLid(second) !== isLid(address) ? [address, second] : [address]
}

/** The other address of the account itself; undefined if the address belongs to another account. @param {string} address @param {Me} me */
function aliasOf(address, { id, lid }) {
  const [number, byLid] = [withoutDevice(id), withoutDevice(lid ?? '')]
  if (address === number) return byLid
  return address === byLid ? number : undefined
}

/** The address without its device. @param {string | null | undefined} jid */
function withoutDevice(jid) {
  const decoded = jidDecode(jid ?? '')
  const address = decoded ? `${decoded.user}@${SERVER_ALIASES.get(decoded.server) ?? decoded.server}` : (jid ?? '')
  return address.slice(0, MAX_ADDRESS_LENGTH).toWellFormed()
}

/** @param {string} address */
const isNumber = address => address.endsWith('@s.whatsapp.net')

/** @param {string} address */
const isLid = address => address.endsWith('@lid')

/** @param {string} address */
const isPerson = address => isNumber(address) || isLid(address)
