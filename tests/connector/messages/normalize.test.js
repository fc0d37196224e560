// @ts-check
/** Normalization of messages. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aliasesInKey, resolve } from '../../../connector/messages/addresses.js'
import { messageReceived } from '../../../connector/ipc/events.js'
import { normalizeMessage } from '../../../connector/messages/normalize.js'

const OURS = '15551234567:3@s.whatsapp.net'
const ME = { id: OURS, lid: '123123123123123:3@lid' }
const BO = '4915112345678@s.whatsapp.net'
const GROUP = '120363041234567890@g.us'

/** A store of keys that knows no mapping. @type {any} */
const NO_KEYS = { get: () => ({}) }

/** @param {object} message @param {{key?: object} & Record<string, unknown>} [more] */
const read = (message, { key = {}, ...more } = {}) => {
  /** @type {any} */
  const received = {
    key: { remoteJid: BO, id: 'ID', ...key },
    messageTimestamp: 1779710460,
    pushName: 'Bo',
    message,
    ...more
  }
  return normalizeMessage(received, resolve(aliasesInKey(received.key, ME), NO_KEYS))
}

test('a text has its sender, its chat and its time', () => {
  const expected = {
    id: 'ID',
    chat: BO,
    chatLid: null,
    sender: BO,
    senderLid: null,
    fromMe: false,
    pushName: 'Bo',
    sentAt: 1779710460000,
    kind: 'text',
    text: 'Hi'
  }
  assert.deepEqual(read({ conversation: 'Hi' }), expected)
  assert.deepEqual(read({ extendedTextMessage: { text: 'Hi' }, messageContextInfo: {} }), expected)
  assert.deepEqual(read({ ephemeralMessage: { message: { conversation: 'Hi' } } }), expected)
})

test('media have the name of their field as kind, and their caption', () => {
  const reported = (/** @type {object} */ message) => [read(message)?.kind, read(message)?.text]
  assert.deepEqual(reported({ imageMessage: { caption: 'Look' } }), ['imageMessage', 'Look'])
  assert.deepEqual(reported({ imageMessage: {} }), ['imageMessage', null])
  assert.deepEqual(reported({ viewOnceMessageV2: { message: { videoMessage: { caption: 'Once' } } } }), [
    'videoMessage',
    'Once'
  ])
  assert.deepEqual(reported({ documentWithCaptionMessage: { message: { documentMessage: { caption: 'Read' } } } }), [
    'documentMessage',
    'Read'
  ])
  assert.deepEqual(reported({ reactionMessage: { text: '👍' } }), ['reactionMessage', '👍'])
  assert.deepEqual(reported({ locationMessage: { name: 'Here' } }), ['locationMessage', null])
})

for (const [what, message, more] of /** @type {const} */ ([
  ['what could not be decrypted', null],
  ['an empty message', {}],
  ['an empty text', { conversation: '' }],
  ['what only aliases keys', { senderKeyDistributionMessage: { groupId: GROUP }, messageContextInfo: {} }],
  ['a deletion', { protocolMessage: { type: 0 } }],
  ['an edit', { editedMessage: { message: { protocolMessage: { type: 14 } } } }],
  ['what the own phone tells this device', { conversation: 'Hi' }, { category: 'peer' }],
  ['what has no id', { conversation: 'Hi' }, { key: { id: '' } }],
  ['a wrapping without content', { ephemeralMessage: {} }]
])) {
  test(`${what} is no message`, () => assert.equal(read(/** @type {any} */ (message), more), null))
}

test('a text that carries a sender key is a text', () => {
  assert.equal(read({ senderKeyDistributionMessage: { groupId: GROUP }, conversation: 'Hi' })?.text, 'Hi')
})

test('a text of 65,536 characters is whole, and a longer one is cut', () => {
  const longest = 'x'.repeat(65_536)
  assert.equal(read({ conversation: longest })?.text, longest)
  assert.equal(read({ conversation: `${longest}x` })?.text, longest)
})

test('the longest possible message is a line that the front reads', () => {
  const worst = '\u0001'.repeat(200_000)
  const message = read(
    { conversation: worst },
    { pushName: worst, key: { id: worst, remoteJid: `${worst}@g.us`, participant: `${worst}@lid` } }
  )
  assert.equal(message?.text?.length, 65_536)
  assert.ok(JSON.stringify(messageReceived(/** @type {any} */ (message))).length < 512 * 1024)
})

test('a text never ends with half a character', () => {
  assert.equal(read({ conversation: `${'x'.repeat(65_535)}😀` })?.text?.at(-1), '\ufffd')
  assert.equal(read({ conversation: 'a\ud83d' })?.text, 'a\ufffd')
})

for (const timestamp of [undefined, null, 0, NaN, -1, 1e12, Infinity]) {
  test(`a time of ${timestamp} is taken for now`, () => {
    const before = Date.now()
    const { sentAt } = /** @type {any} */ (read({ conversation: 'Hi' }, { messageTimestamp: timestamp }))
    assert.ok(sentAt >= before && sentAt <= Date.now())
  })
}
