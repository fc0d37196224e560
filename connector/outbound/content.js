// @ts-check
/** Content: what the front wants to say, as a protobuf of WhatsApp, and the attributes of its stanza. */

import { generateWAMessage, proto } from 'baileys'
import { silentLogger } from '../process/silence_libraries.js'

/** Values of the attribute `edit` of a stanza (whatsmeow, types.EditAttribute). */
const EDIT = { edited: '1', revokedBySender: '7', revokedByAdmin: '8' }

/** @typedef {import('../ipc/outgoing.js').Outgoing} Outgoing */
/** @typedef {import('../ipc/outgoing.js').Target} Target */
/** @typedef {import('../ipc/outgoing.js').Contact} Contact */
/** @typedef {import('baileys').AnyMessageContent} Content */

/**
 * The protobuf of a message. It holds a random secret, so that a second relay needs the same one.
 * @param {{id: string, chat: string, message: Outgoing}} command
 * @param {string} me address of the account
 * @returns {Promise<Uint8Array>} never empty
 */
export async function protobufOf({ id, chat, message: said }, me) {
  const { message } = await generateWAMessage(chat, contentOf(said), {
    logger: silentLogger,
    userJid: me,
    messageId: id,
    upload: () => Promise.reject(new Error('nothing is uploaded')),
    ...(said.replyTo && { quoted: quoted(said.replyTo) })
  })
  const bytes = proto.Message.encode(proto.Message.fromObject(message ?? {})).finish()
  if (bytes.length === 0) throw new Error('a message without content')
  return bytes
}

/** Attributes of the stanza of a message. @param {proto.IMessage} message @param {string} chat @returns {Record<string, string>} */
export function stanzaAttributes({ protocolMessage }, chat) {
  const { REVOKE, MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type
  if (protocolMessage?.type === MESSAGE_EDIT) return { edit: EDIT.edited }
  if (protocolMessage?.type !== REVOKE) return {}
  const isOfOther = chat.endsWith('@g.us') && !protocolMessage.key?.fromMe
  return { edit: isOfOther ? EDIT.revokedByAdmin : EDIT.revokedBySender }
}

/** @param {Outgoing} said @returns {Content} */
function contentOf({ kind, text, mentions, target, emoji, location, contact }) {
  const key = /** @type {proto.IMessageKey} */ (target && keyOf(target))
  // No preview: Baileys would fetch the address from here.
  const words = { text: text ?? '', linkPreview: null, ...(mentions?.length && { mentions }) }
  if (kind === 'reaction') return { react: { text: emoji ?? '', key } }
  if (kind === 'edit') return { ...words, edit: key }
  if (kind === 'revoke') return { delete: key }
  if (kind === 'contact' && contact) return { contacts: cards(contact) }
  if (kind !== 'location' || !location) return words
  const { latitude, longitude, name, address } = location
  return { location: { degreesLatitude: latitude, degreesLongitude: longitude, name, address } }
}

/** @param {Target} target @returns {proto.IMessageKey} */
const keyOf = ({ id, chat, sender, fromMe = false }) => ({
  remoteJid: chat,
  id,
  fromMe,
  ...(chat.endsWith('@g.us') && { participant: sender })
})

/** @param {import('../ipc/outgoing.js').Quoted} replyTo @returns {import('baileys').WAMessage} */
const quoted = ({ text, ...target }) =>
  /** @type {any} */ ({
    key: { ...keyOf(target), participant: target.sender },
    message: { conversation: text ?? '' }
  })

/** @param {Contact} contact */
const cards = contact => ({
  displayName: contact.name,
  contacts: [{ displayName: contact.name, vcard: contact.vcard ?? vcardOf(contact) }]
})

/** A card (vCard 3.0, RFC 2426) on which phones of WhatsApp offer a chat: `waid` is the number of the account. @param {Contact} contact */
function vcardOf({ name, phoneNumbers = [] }) {
  const escaped = name.replaceAll(/[\\,;]/g, String.raw`\$&`).replaceAll(/\r?\n/g, String.raw`\n`)
  const numbers = phoneNumbers.map(number => {
    const digits = number.replaceAll(/\D/g, '')
    return `TEL;type=CELL;type=VOICE;waid=${digits}:+${digits}`
  })
  return ['BEGIN:VCARD', 'VERSION:3.0', `N:;${escaped};;;`, `FN:${escaped}`, ...numbers, 'END:VCARD'].join('\n')
}
