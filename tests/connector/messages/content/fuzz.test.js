// @ts-check
/** Any content that the protobuf can encode is one line that the front reads, or nothing; never an exception. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as bounds from '../../../../connector/ipc/bounds.js'
import { messageReceived } from '../../../../connector/ipc/events.js'
import { proto } from '../../../../connector/node_modules/baileys/lib/index.js'
import { openPeople } from '../../../../connector/messages/addresses.js'
import { NO_CONTENT } from '../../../../connector/messages/content/bounded.js'
import { normalizeMessage } from '../../../../connector/messages/normalize.js'
import { BO, GROUP, KEYS, ME, NO_SECRETS, read } from '../../../support/connector/contents.js'
import { MESSAGE, randomValue } from '../../../support/connector/descriptors.js'

/** Every run has the same examples. EXAMPLES in the environment sets a number of random ones. */
const FEW = 1_000
const EXAMPLES = Number(process.env.EXAMPLES ?? FEW)
const SEED = EXAMPLES === FEW ? 1 : Date.now() % 2 ** 31

/** What the front reads at most in one line (server/connectors/pipes.py), without a margin for what is added to an event. */
const LONGEST_LINE = 2 ** 20 - 1_000

/** The character that takes the most bytes in JSON. */
const WORST = '\u0001'

/** Numbers from 0 to 1 that look random and are the same for the same seed (mulberry32). @param {number} seed */
function randomFrom(seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const texts = [
    '',
    'word',
    '\ud83d',
    '\u0000',
    '{"id":1}',
    '{"id":"a","title":["b"]}',
    '[[{}]]',
    'TEL;waid=:x',
    '@lid',
    BO,
    GROUP
  ]
  return { next, text: () => texts[Math.floor(next() * texts.length)] ?? '' }
}

/** What server/protocol/events/messages.py takes. @param {any} message */
function assertReadable(message, { isFlat = false } = {}) {
  const line = JSON.stringify(messageReceived(message))
  assert.ok(Buffer.byteLength(line) < LONGEST_LINE, `${Buffer.byteLength(line)} bytes`)
  const { kind, text, replyTo, mentions, target, emoji, location, contact, choice, poll, media } = {
    ...NO_CONTENT,
    ...JSON.parse(line)
  }
  const isShort = (/** @type {unknown} */ value, /** @type {number} */ length) =>
    value === null || (typeof value === 'string' && value.length <= length && value.isWellFormed())
  assert.notEqual(kind, isFlat ? 'other:unreadable' : '')
  assert.ok(kind.length > 0 && isShort(kind, 200) && isShort(text, bounds.MAX_TEXT_LENGTH) && isShort(emoji, 200))
  for (const named of [replyTo, target]) {
    assert.ok(!named || (named.id && isShort(named.id, 200) && isShort(named.chat, 200) && isShort(named.sender, 200)))
  }
  assert.ok(isShort(replyTo?.text ?? null, bounds.MAX_QUOTE_LENGTH))
  assert.ok(mentions.length <= bounds.MAX_MENTIONS && mentions.every((/** @type {string} */ jid) => isShort(jid, 200)))
  if (location) assert.ok(Math.abs(location.latitude) <= 90 && Math.abs(location.longitude) <= 180)
  if (contact) assert.ok(contact.phoneNumbers.every((/** @type {string} */ digits) => /^\d{1,15}$/.test(digits)))
  if (choice) assert.ok(isShort(choice.id, bounds.MAX_CHOICE_LENGTH) && isShort(choice.title, bounds.MAX_CHOICE_LENGTH))
  if (poll) assert.ok(poll.options.length <= bounds.MAX_OPTIONS && Number.isInteger(poll.selectable))
  if (media) assert.ok([media.size, media.seconds].every(count => count === null || count >= 0))
}

/** @param {any} message as it was decoded @param {object} [key] */
function normalized(message, key = {}) {
  const named = { remoteJid: BO, id: 'ID', ...key }
  const [chat, sender] = [[named.remoteJid], [BO]]
  const addresses = { chat: named.remoteJid, chatLid: null, sender: BO, senderLid: null, aliases: { chat, sender } }
  const account = { people: openPeople(ME, KEYS), secrets: NO_SECRETS }
  return normalizeMessage(/** @type {any} */ ({ key: named, message, messageTimestamp: 1 }), addresses, account)
}

for (let example = 0; example < EXAMPLES; example += 500) {
  const seed = SEED + example
  test(`any content is one line that can be read, or nothing, with seed ${seed}`, () => {
    const random = randomFrom(seed)
    for (let times = 0; times < 500; times++) {
      const value = randomValue(MESSAGE, random, 8)
      const bytes = proto.Message.encode(proto.Message.fromObject(value)).finish()
      const found = normalized(proto.Message.decode(bytes), { remoteJid: random.next() < 0.5 ? BO : GROUP })
      if (found) assertReadable(found.message, { isFlat: true })
    }
  })

  test(`bytes that were altered are a message, or none, with seed ${seed}`, () => {
    const random = randomFrom(seed)
    for (let times = 0; times < 500; times++) {
      const bytes = Buffer.from(
        proto.Message.encode(proto.Message.fromObject(randomValue(MESSAGE, random, 4))).finish()
      )
      for (let flips = 0; flips < 3; flips++) bytes[Math.floor(random.next() * bytes.length)] = random.next() * 256
      let decoded
      try {
        decoded = proto.Message.decode(bytes)
      } catch {
        continue // Baileys asks for another copy
      }
      const found = normalized(decoded)
      if (found) assertReadable(found.message)
    }
  })
}

/** @param {number} length */
const worst = length => WORST.repeat(length)

const CONTEXT = {
  stanzaId: worst(300),
  participant: `${worst(300)}@lid`,
  remoteJid: `${worst(300)}@g.us`,
  quotedMessage: { conversation: worst(100_000) },
  mentionedJid: Array.from({ length: 3_000 }, (_, n) => `${'9'.repeat(95)}${10_000 + n}@${'x'.repeat(50)}`)
}
const KEY = { id: worst(300), remoteJid: worst(300), participant: worst(300) }

for (const [what, content] of Object.entries({
  'a text': { extendedTextMessage: { text: worst(100_000), contextInfo: CONTEXT } },
  'a contact': {
    contactsArrayMessage: {
      displayName: worst(100_000),
      contacts: Array.from({ length: 300 }, () => ({ displayName: worst(9_000), vcard: `TEL:1\n${worst(9_000)}` })),
      contextInfo: CONTEXT
    }
  },
  'a place': {
    locationMessage: {
      degreesLatitude: 1,
      degreesLongitude: 1,
      name: worst(100_000),
      address: worst(100_000),
      comment: worst(100_000),
      contextInfo: CONTEXT
    }
  },
  'a choice': {
    buttonsResponseMessage: {
      selectedButtonId: worst(100_000),
      selectedDisplayText: worst(100_000),
      contextInfo: CONTEXT
    }
  },
  'a poll': {
    pollCreationMessage: {
      name: worst(100_000),
      options: Array.from({ length: 300 }, () => ({ optionName: worst(1_000) })),
      contextInfo: CONTEXT
    }
  },
  'a document': {
    documentMessage: { fileName: worst(9_000), mimetype: worst(900), caption: worst(100_000), contextInfo: CONTEXT }
  },
  'a reaction': { reactionMessage: { text: worst(100_000), key: KEY } }
})) {
  test(`${what} of the largest size is a line that the front reads`, () => {
    const key = { id: worst(300), remoteJid: `${worst(300)}@g.us`, participant: `${worst(300)}@lid` }
    const message = read(content, { key, pushName: worst(300) })
    assert.equal(message.text.length, bounds.MAX_TEXT_LENGTH)
    assertReadable(message)
  })
}

/** A field of a protobuf that has bytes for value. @param {number} number @param {Buffer} bytes */
function field(number, bytes) {
  const varint = (/** @type {number} */ value) => {
    const digits = []
    for (; value > 127; value >>>= 7) digits.push((value & 127) | 128)
    return Buffer.from([...digits, value])
  }
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])
}

/** So many of a content inside each other, each one level of what a sender can nest. @type {Record<string, (times: number) => Buffer>} */
const NESTS = {
  envelopes: times => repeat(times, field(1, Buffer.from('inside')), bytes => field(40, field(1, bytes))),
  edits: times =>
    repeat(times, field(1, Buffer.from('inside')), bytes =>
      field(12, Buffer.concat([Buffer.of(16, 14), field(14, bytes)]))
    ),
  cards: times =>
    field(
      45,
      repeat(times, field(2, field(1, Buffer.from('inside'))), bytes => field(7, field(1, bytes)))
    ),
  templates: times =>
    field(
      14,
      repeat(times, field(3, Buffer.from('inside')), bytes => field(9, field(1, field(6, bytes))))
    ),
  quotes: times => repeat(times, field(1, Buffer.from('inside')), bytes => field(6, field(17, field(3, bytes))))
}

/** @param {number} times @param {Buffer} bytes @param {(bytes: Buffer) => Buffer} wrap */
function repeat(times, bytes, wrap) {
  for (let n = 0; n < times; n++) bytes = wrap(bytes)
  return bytes
}

for (const [what, nest] of Object.entries(NESTS)) {
  test(`${what} inside each other do not exhaust the stack`, () => {
    for (let times = 500; times <= 5_000; times += 250) {
      let content
      try {
        content = proto.Message.decode(nest(times))
      } catch {
        return assert.ok(times > 1_000, `${times}`) // Baileys cannot decode it either, and asks for another copy
      }
      const found = normalized(content)
      if (found) assertReadable(found.message)
    }
  })
}

test('messages inside each other are read to a depth of 100', () => {
  const seen = (/** @type {number} */ times) =>
    normalized(proto.Message.decode(NESTS.envelopes?.(times) ?? []))?.message
  assert.equal(seen(99)?.text, 'inside')
  assert.equal(seen(100)?.kind, 'other:unreadable')
})

test('a content on which this program fails is a message without words, and no end of the process', () => {
  const { message } =
    normalized({
      imageMessage: {
        get caption() {
          throw new RangeError('stack')
        }
      }
    }) ?? {}
  assert.deepEqual([message?.kind, message?.text], ['other:unreadable', null])
})
