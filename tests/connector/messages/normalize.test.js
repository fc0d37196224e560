// @ts-check
/** Normalization of messages. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_CONTENT } from '../../../connector/messages/content/bounded.js'
import { BO, GROUP, read as readWith } from '../../support/connector/contents.js'

/** A store of keys that knows no mapping. @type {any} */
const NO_KEYS = { get: () => ({}) }

/** @param {object | null} message @param {object} [more] */
const read = (message, more = {}) => readWith(message, { keys: NO_KEYS, ...more })

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
    text: 'Hi',
    ...NO_CONTENT
  }
  assert.deepEqual(read({ conversation: 'Hi' }), expected)
  assert.deepEqual(read({ extendedTextMessage: { text: 'Hi' }, messageContextInfo: {} }), expected)
  assert.deepEqual(read({ ephemeralMessage: { message: { conversation: 'Hi' } } }), expected)
})

for (const [what, message, more] of /** @type {const} */ ([
  ['what could not be decrypted', null],
  ['an empty message', {}],
  ['an empty text', { conversation: '' }],
  ['what only aliases keys', { senderKeyDistributionMessage: { groupId: GROUP }, messageContextInfo: {} }],
  ['what two devices say to each other', { protocolMessage: { type: 6, appStateSyncKeyShare: {} } }],
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

test('a text never ends with half a character', () => {
  assert.equal(read({ conversation: `${'x'.repeat(65_535)}😀` })?.text?.at(-1), '\ufffd')
})

for (const timestamp of [undefined, null, 0, NaN, -1, 1e12, Infinity]) {
  test(`a time of ${timestamp} is taken for now`, () => {
    const before = Date.now()
    const { sentAt } = /** @type {any} */ (read({ conversation: 'Hi' }, { messageTimestamp: timestamp }))
    assert.ok(sentAt >= before && sentAt <= Date.now())
  })
}
