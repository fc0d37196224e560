// @ts-check
/** Contents of the messages that phones write: texts, replies, reactions, edits, revokes, polls, votes, places, cards. */

import { createHash, randomBytes } from 'node:crypto'
import { aesEncryptGCM, hmacSign, proto } from 'baileys'
import { invalid, Refusal } from '../server/refusal.js'

const { REVOKE, MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type
const MESSAGE_SECRET_BYTES = 32

/**
 * @typedef {object} Target the message that another one is about
 * @property {proto.IMessageKey} key as the phone that writes names it
 * @property {proto.IMessage} message
 * @property {string} author address of its sender
 * @property {string} voter address of the phone that writes
 *
 * @typedef {object} Written a content, and what its stanza says of it
 * @property {proto.IMessage} content
 * @property {string} [type] of the stanza; `text` if it says none
 * @property {string} [edit] attribute of the stanza
 *
 * @typedef {Record<string, unknown>} Wish of a request
 * @typedef {(wish: any, targetOf: (wish: Wish) => Target, body: Wish) => Written} Writer
 */

/**
 * By the key of the request. Types and values of `edit`: getTypeFromMessage and EditAttribute of tulir/whatsmeow.
 * @type {Record<string, Writer>}
 */
const WRITERS = {
  text: writeText,
  reaction: (wish, targetOf) => {
    const text = wish.emoji ?? ''
    const reaction = { key: targetOf(wish).key, text, senderTimestampMs: Date.now() }
    return { content: { reactionMessage: reaction }, type: 'reaction', ...(text === '' && { edit: '7' }) }
  },
  edit: writeEdit,
  revoke: (wish, targetOf) => {
    const { key } = targetOf(wish)
    return { content: { protocolMessage: { type: REVOKE, key } }, edit: key.fromMe ? '7' : '8' }
  },
  poll: ({ name, options, selectable = 1 }) => {
    if (!Array.isArray(options)) throw invalid('options must be a list of texts')
    const poll = { name, options: options.map(optionName => ({ optionName })), selectableOptionsCount: selectable }
    const messageContextInfo = { messageSecret: randomBytes(MESSAGE_SECRET_BYTES) }
    return { content: { pollCreationMessageV3: poll, messageContextInfo }, type: 'poll' }
  },
  pollVote: writeVote,
  location: ({ latitude, longitude, name, address }) => ({
    content: { locationMessage: { degreesLatitude: latitude, degreesLongitude: longitude, name, address } },
    type: 'media'
  }),
  contact: ({ name, phoneNumber }) => ({
    content: { contactMessage: { displayName: name, vcard: vcard(name, phoneNumber) } },
    type: 'media'
  }),
  content: (wish, _, { type }) => ({
    content: proto.Message.fromObject(wish),
    ...(typeof type === 'string' && { type })
  })
}

/** Keys of a request of which one says what is written. */
export const KINDS = Object.keys(WRITERS)

/**
 * @param {Wish} body has exactly one of the kinds
 * @param {(wish: Wish) => Target} targetOf finds the message with the `id` of a wish, or of its `sender`
 * @returns {Written}
 */
export function write(body, targetOf) {
  const [kind = ''] = KINDS.filter(name => body[name] !== undefined)
  try {
    const written = /** @type {Writer} */ (WRITERS[kind])(body[kind], targetOf, body)
    proto.Message.encode(written.content).finish()
    return written
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw invalid(`${kind}: ${error instanceof Error ? error.message : error}`)
  }
}

/** @type {Writer} */
function writeText(text, targetOf, { replyTo, mentions }) {
  if (replyTo === undefined && mentions === undefined) return { content: { conversation: text } }
  const target =
    replyTo === undefined
      ? null
      : targetOf(typeof replyTo === 'string' ? { id: replyTo } : /** @type {Wish} */ (replyTo))
  const quoted = target && { stanzaId: target.key.id, participant: target.author, quotedMessage: target.message }
  const named = [mentions ?? []].flat().map(number => `${number}@s.whatsapp.net`)
  return { content: { extendedTextMessage: { text, contextInfo: { ...quoted, mentionedJid: named } } } }
}

/** An edit, in one of its two forms. @type {Writer} */
function writeEdit(wish, targetOf) {
  const editedMessage = { conversation: wish.text }
  const protocolMessage = { type: MESSAGE_EDIT, key: targetOf(wish).key, editedMessage, timestampMs: Date.now() }
  const isInside = wish.isInEnvelope === true
  return { content: isInside ? { editedMessage: { message: { protocolMessage } } } : { protocolMessage }, edit: '1' }
}

/**
 * A vote, encrypted with the secret of the poll. Source: decryptPollVote of Baileys, EncryptPollVote of tulir/whatsmeow.
 * @type {Writer}
 */
function writeVote(wish, targetOf) {
  const { key, message, author, voter } = targetOf(wish)
  const secret = message.messageContextInfo?.messageSecret
  if (!secret) throw invalid('this message is no poll: it has no secret')
  const selectedOptions = [wish.options ?? []]
    .flat()
    .map(option => createHash('sha256').update(String(option)).digest())
  const sign = Buffer.concat([
    ...[key.id ?? '', author, voter, 'Poll Vote'].map(part => Buffer.from(part)),
    Buffer.of(1)
  ])
  const voteKey = hmacSign(sign, hmacSign(secret, new Uint8Array(MESSAGE_SECRET_BYTES), 'sha256'), 'sha256')
  const encIv = randomBytes(12)
  const plain = proto.Message.PollVoteMessage.encode({ selectedOptions }).finish()
  const encPayload = aesEncryptGCM(plain, voteKey, encIv, Buffer.from(`${key.id}\0${voter}`))
  const pollUpdateMessage = { pollCreationMessageKey: key, vote: { encPayload, encIv }, senderTimestampMs: Date.now() }
  return { content: { pollUpdateMessage }, type: 'poll' }
}

/** @param {string} name @param {string} phoneNumber */
function vcard(name, phoneNumber) {
  const lines = [
    'BEGIN:VCARD',
    'VERSION:3.0',
    `FN:${name}`,
    `TEL;type=CELL;waid=${phoneNumber}:+${phoneNumber}`,
    'END:VCARD'
  ]
  return lines.join('\n')
}
