// @ts-check
/** What an encrypted part says, after it was opened. */

import { hash } from 'node:crypto'
import { proto } from 'baileys'
import { reaction } from './actions.js'
import { event } from './cards.js'
import { readContent } from './read.js'
import { textsOf } from './reading.js'

/** @typedef {import('./reading.js').Reading} Reading */
/** @typedef {import('./sealed.js').Use} Use */

/**
 * @param {Reading} reading of the message around it
 * @param {Use} use
 * @param {Uint8Array} plaintext
 * @param {string[]} options answers of the poll, if it is about one
 * @returns {Reading | null} null if it is no protobuf of that use, or a vote for answers that are not known
 */
export function readOpened(reading, use, plaintext, options) {
  try {
    return { ...reading, ...READERS[use](plaintext, options), target: reading.target, sealed: undefined }
  } catch {
    return null
  }
}

/** @type {Record<Use, (plaintext: Uint8Array, options: string[]) => Partial<Reading>>} */
const READERS = {
  'Poll Vote'(plaintext, options) {
    const { selectedOptions } = proto.Message.PollVoteMessage.decode(plaintext)
    const chosen = new Set((selectedOptions ?? []).map(digest => Buffer.from(digest).toString('hex')))
    const titles = options.filter(option => chosen.has(hash('sha256', option, 'hex')))
    if (titles.length < chosen.size) throw new Error('an answer is not known') // nothing is better than half of a vote
    const title = titles.join('\n')
    return { lines: textsOf(title), choice: { id: null, title } }
  },
  'Enc Reaction': plaintext => reaction(proto.Message.ReactionMessage.decode(plaintext)) ?? {},
  'Enc Comment'(plaintext) {
    const said = readContent(proto.Message.decode(plaintext))
    return { ...said, kind: 'other:commentMessage', lines: said?.lines ?? [] }
  },
  'Event Response'(plaintext) {
    const { response } = proto.Message.EventResponseMessage.decode(plaintext)
    const name = proto.Message.EventResponseMessage.EventResponseType[response ?? 0]
    return { choice: { id: (name ?? 'UNKNOWN').toLowerCase(), title: null } }
  },
  'Event Edit': plaintext =>
    hasEvent(plaintext) ? editIn(plaintext) : { ...event(proto.Message.EventMessage.decode(plaintext)), kind: 'edit' },
  'Message Edit': editIn,
  'Poll Edit': editIn,
  'Poll Add Option': editIn
}

/** The new content: alone, or in the form of an edit that is not encrypted. @param {Uint8Array} plaintext @returns {Partial<Reading>} */
function editIn(plaintext) {
  const said = readContent(proto.Message.decode(plaintext))
  return { ...said, kind: 'edit', lines: said?.lines ?? [] }
}

/** Whether it is an event in a message; some clients send the event alone. @param {Uint8Array} plaintext */
function hasEvent(plaintext) {
  try {
    const { eventMessage, protocolMessage, editedMessage } = proto.Message.decode(plaintext)
    return Boolean(eventMessage ?? protocolMessage ?? editedMessage)
  } catch {
    return false
  }
}
