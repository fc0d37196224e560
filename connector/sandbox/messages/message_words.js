// @ts-check
/** What a phone shows of a message: its kind, its text, and the message that it is about. */

import { jidDecode, proto } from 'baileys'

/** @import { Group } from '../accounts/groups.js' */

const { REVOKE, MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type

/** Fields that accompany a message and are not one. */
const COMPANIONS = new Set(['messageContextInfo', 'senderKeyDistributionMessage'])

/** Kinds with a name of their own. All others are `other:` and their field. @type {Record<string, string>} */
const KINDS = {
  conversation: 'text',
  extendedTextMessage: 'text',
  reactionMessage: 'reaction',
  locationMessage: 'location',
  contactMessage: 'contact',
  contactsArrayMessage: 'contact',
  pollCreationMessage: 'poll',
  pollCreationMessageV3: 'poll',
  pollUpdateMessage: 'poll_vote'
}

/**
 * @param {proto.IMessage} message
 * @param {{ group?: Group, from: string }} envelope from: number of the sender
 * @returns {{ chat: string } & Words}
 */
export function describe({ deviceSentMessage, ...message }, { group, from }) {
  if (deviceSentMessage?.message) {
    const { destinationJid } = deviceSentMessage
    const chat = destinationJid?.endsWith('@g.us') ? destinationJid : (jidDecode(destinationJid ?? '')?.user ?? from)
    return { chat, ...wordsOf(deviceSentMessage.message) }
  }
  return { chat: group?.id ?? from, ...wordsOf(message) }
}

/** @typedef {{ kind: string, text: string | null, target?: string }} Words */

/** @param {proto.IMessage} message @returns {Words} */
function wordsOf(message) {
  const { conversation, extendedTextMessage, reactionMessage, locationMessage, contactMessage, protocolMessage } =
    message
  if (protocolMessage) return protocolWords(protocolMessage)
  const poll = message.pollCreationMessage ?? message.pollCreationMessageV3
  const text =
    conversation ||
    extendedTextMessage?.text ||
    reactionMessage?.text ||
    locationMessage?.name ||
    contactMessage?.displayName
  const target = (reactionMessage?.key ?? message.pollUpdateMessage?.pollCreationMessageKey)?.id
  return { kind: kindOf(message), text: text || poll?.name || null, ...(target && { target }) }
}

/** @param {proto.Message.IProtocolMessage} protocolMessage @returns {Words} */
function protocolWords({ type, key, editedMessage }) {
  const target = key?.id ? { target: key.id } : {}
  if (type === REVOKE) return { kind: 'revoke', text: null, ...target }
  if (type === MESSAGE_EDIT) return { ...target, kind: 'edit', text: wordsOf(editedMessage ?? {}).text }
  return { kind: 'other:protocolMessage', text: null }
}

/** @param {proto.IMessage} message */
function kindOf(message) {
  const field = Object.entries(message).find(
    ([name, value]) => value !== null && value !== undefined && !COMPANIONS.has(name)
  )
  if (!field) return 'other'
  return KINDS[field[0]] ?? `other:${field[0]}`
}
