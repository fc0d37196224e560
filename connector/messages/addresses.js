// @ts-check
/**
 * The addresses of a message: in which chat it is and who wrote it, each by telephone number and by LID, as far as known.
 *
 * WhatsApp names an account by its number (`…@s.whatsapp.net`) or by a LID (`…@lid`), and changes from one to the other.
 * The stanza of a message often carries both; else the mapping helps that Baileys keeps among the keys. The names of the
 * attributes: parseMessageSource of tulir/whatsmeow, extractAddressingContext of Baileys 7.0.0-rc14.
 */

import { jidDecode } from 'baileys'
import { otherUser } from './lid_mapping.js'

/** UTF-16 units of an address: real ones are far shorter. */
const LONGEST_ADDRESS = 200

/** Servers of accounts that stand for others. */
const SERVERS = new Map([
  ['c.us', 's.whatsapp.net'],
  ['hosted', 's.whatsapp.net'],
  ['hosted.lid', 'lid']
])

/** @typedef {Record<string, string | undefined>} Attributes of a stanza */
/** @typedef {{id: string, lid?: string}} Me the account itself */
/** @typedef {string[]} Names an address as it was given, and the other one of the same account if it is known */

/**
 * @typedef {object} Addresses
 * @property {string} chat by number if it is known
 * @property {string | null} chatLid null for a group, and if it is not known
 * @property {string} sender by number if it is known
 * @property {string | null} senderLid null if it is not known
 * @property {{chat: Names, sender: Names}} names what the stanza says, before any mapping, and what is known beyond it
 */

/**
 * The addresses in the stanza of a message.
 * @param {Attributes} attrs
 * @param {Me} me
 * @returns {{chat: Names, sender: Names}}
 */
export function namesIn(attrs, me) {
  const from = plain(attrs.from)
  if (!isPerson(from)) {
    const author = attrs.participant ? plain(attrs.participant) : from
    return {
      chat: [from],
      sender: named(author, otherOf(author, me) ?? attrs[isLid(author) ? 'participant_pn' : 'participant_lid'])
    }
  }
  const sender = named(from, otherOf(from, me) ?? attrs[isLid(from) ? 'sender_pn' : 'sender_lid'])
  if (!attrs.recipient) return { chat: sender, sender }
  const chat = plain(attrs.recipient)
  const prefix = isLid(chat) ? ['peer_recipient_pn', 'recipient_pn'] : ['peer_recipient_lid', 'recipient_lid']
  return { chat: named(chat, prefix.map(name => attrs[name]).find(Boolean)), sender }
}

/**
 * The addresses in Baileys' key of a message that came in no stanza of its own.
 * @param {import('baileys').WAMessageKey} key
 * @param {Me} me
 * @returns {{chat: Names, sender: Names}}
 */
export function namesOf({ remoteJid, remoteJidAlt, participant, participantAlt, fromMe }, me) {
  const jid = plain(remoteJid ?? '')
  const other = isPerson(jid) ? remoteJidAlt : null
  const chat = named(jid, other && !otherOf(plain(other), me) ? other : otherOf(jid, me))
  if (fromMe) return { chat, sender: named(plain(me.id), me.lid) }
  if (!participant) return { chat, sender: chat }
  return { chat, sender: named(plain(participant), participantAlt ?? (isPerson(jid) ? null : remoteJidAlt)) }
}

/**
 * What is known of these names, with the mapping between numbers and LIDs.
 * @param {{chat: Names, sender: Names}} names
 * @param {Pick<import('baileys').SignalKeyStore, 'get'>} keys a store that answers at once
 * @returns {Addresses}
 */
export function resolve(names, keys) {
  const [chat, sender] = [completed(names.chat, keys), completed(names.sender, keys)]
  return {
    chat: chat.find(isNumber) ?? chat[0] ?? '',
    chatLid: chat.find(isLid) ?? null,
    sender: sender.find(isNumber) ?? sender[0] ?? '',
    senderLid: sender.find(isLid) ?? null,
    names: { chat, sender }
  }
}

/** @param {Names} names @param {Pick<import('baileys').SignalKeyStore, 'get'>} keys @returns {Names} */
function completed(names, keys) {
  const [address = ''] = names
  if (names.length > 1 || !isPerson(address)) return names
  const [user = ''] = address.split('@')
  const mapped = otherUser(keys, user, { isLid: isLid(address) })
  return mapped ? [address, `${mapped}@${isLid(address) ? 's.whatsapp.net' : 'lid'}`] : names
}

/** @param {string} address @param {string | null | undefined} other @returns {Names} */
function named(address, other) {
  const second = plain(other ?? '')
  return isPerson(second) && isLid(second) !== isLid(address) ? [address, second] : [address]
}

/** The other address of the account itself; undefined if this is not one of its addresses. @param {string} address @param {Me} me */
function otherOf(address, { id, lid }) {
  const [number, byLid] = [plain(id), plain(lid ?? '')]
  if (address === number) return byLid
  return address === byLid ? number : undefined
}

/** Without the device. @param {string | null | undefined} jid */
function plain(jid) {
  const decoded = jidDecode(jid ?? '')
  const address = decoded ? `${decoded.user}@${SERVERS.get(decoded.server) ?? decoded.server}` : (jid ?? '')
  return address.slice(0, LONGEST_ADDRESS).toWellFormed()
}

/** @param {string} address */
const isNumber = address => address.endsWith('@s.whatsapp.net')

/** @param {string} address */
const isLid = address => address.endsWith('@lid')

/** @param {string} address */
const isPerson = address => isNumber(address) || isLid(address)
