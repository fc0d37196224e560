// @ts-check
/** What people read of WhatsApp's messages, and what of them is remembered. */

import '../../connector/quiet.js'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { messageReceived } from '../../connector/events.js'
import { openInbox } from '../../connector/inbox.js'
import { readMessage } from '../../connector/message.js'
import { openRecord } from '../../connector/record.js'

const OURS = '15551234567:3@s.whatsapp.net'
const BO = '4915112345678@s.whatsapp.net'
const GROUP = '120363041234567890@g.us'
const LID = '909913313250243@lid'

/** @param {object} message @param {{key?: object} & Record<string, unknown>} [more] */
const read = (message, { key = {}, ...more } = {}) =>
  readMessage(/** @type {any} */ ({ key: { remoteJid: BO, id: 'ID', ...key }, messageTimestamp: 1779710460, pushName: 'Bo', message, ...more }), OURS)

test('a text is told with who wrote it, where and when', () => {
  const expected = { id: 'ID', chat: BO, sender: BO, fromMe: false, pushName: 'Bo', sentAt: 1779710460000, kind: 'text', text: 'Hi' }
  assert.deepEqual(read({ conversation: 'Hi' }), expected)
  assert.deepEqual(read({ extendedTextMessage: { text: 'Hi' }, messageContextInfo: {} }), expected)
  assert.deepEqual(read({ ephemeralMessage: { message: { conversation: 'Hi' } } }), expected)
})

test('media are told by the name of their field, with their caption', () => {
  const told = (/** @type {object} */ message) => [read(message)?.kind, read(message)?.text]
  assert.deepEqual(told({ imageMessage: { caption: 'Look' } }), ['imageMessage', 'Look'])
  assert.deepEqual(told({ imageMessage: {} }), ['imageMessage', null])
  assert.deepEqual(told({ viewOnceMessageV2: { message: { videoMessage: { caption: 'Once' } } } }), ['videoMessage', 'Once'])
  assert.deepEqual(told({ documentWithCaptionMessage: { message: { documentMessage: { caption: 'Read' } } } }), ['documentMessage', 'Read'])
  assert.deepEqual(told({ reactionMessage: { text: '👍' } }), ['reactionMessage', '👍'])
  assert.deepEqual(told({ locationMessage: { name: 'Here' } }), ['locationMessage', null])
})

for (const [what, message, more] of /** @type {const} */ ([
  ['what could not be decrypted', null],
  ['an empty message', {}],
  ['an empty text', { conversation: '' }],
  ['what only names keys', { senderKeyDistributionMessage: { groupId: GROUP }, messageContextInfo: {} }],
  ['a deletion', { protocolMessage: { type: 0 } }],
  ['an edit', { editedMessage: { message: { protocolMessage: { type: 14 } } } }],
  ['what the own phone tells this device', { conversation: 'Hi' }, { category: 'peer' }],
  ['what has no id', { conversation: 'Hi' }, { key: { id: '' } }],
  ['a wrapping without content', { ephemeralMessage: {} }]
])) {
  test(`${what} is no message`, () => assert.equal(read(/** @type {any} */ (message), more), null))
}

test('a text that brings keys along is a text', () => {
  assert.equal(read({ senderKeyDistributionMessage: { groupId: GROUP }, conversation: 'Hi' })?.text, 'Hi')
})

test('a member of a group is named by number where WhatsApp gives it', () => {
  const key = { remoteJid: GROUP, participant: LID, participantAlt: BO }
  assert.deepEqual(chatAndSender(key), [GROUP, BO])
  assert.deepEqual(chatAndSender({ remoteJid: GROUP, participant: LID }), [GROUP, LID])
})

test('a person whose number WhatsApp hides is told by the other address, without the device', () => {
  assert.deepEqual(chatAndSender({ remoteJid: '909913313250243:7@lid' }), [LID, LID])
})

test('what the account wrote itself is told as its own', () => {
  const own = '15551234567@s.whatsapp.net'
  assert.deepEqual(chatAndSender({ fromMe: true }), [BO, own])
  assert.deepEqual(chatAndSender({ fromMe: true, remoteJid: LID, remoteJidAlt: own }), [LID, own])
})

/** @param {object} key */
function chatAndSender(key) {
  const { chat, sender } = /** @type {any} */ (read({ conversation: 'Hi' }, { key }))
  return [chat, sender]
}

test('the worst that anybody can send is a line that the front reads', () => {
  const worst = '\u0001'.repeat(200_000)
  const message = read({ conversation: worst }, { pushName: worst, key: { id: worst, remoteJid: `${worst}@g.us`, participant: `${worst}@lid` } })
  assert.equal(message?.text?.length, 65_536)
  assert.ok(JSON.stringify(messageReceived(/** @type {any} */ (message))).length < 512 * 1024)
})

test('half a character is never told', () => {
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

test('the last ten thousand messages are known again, those before them no more', t => {
  const folder = mkdtempSync(join(tmpdir(), 'motte-inbox-'))
  const record = openRecord(folder)
  t.after(() => (record.close(), rmSync(folder, { recursive: true })))
  let told = 0
  const inbox = openInbox(record, () => ({ keep: () => void (told += 1), deliver() {} }))
  const numbered = (/** @type {number} */ n) => /** @type {any} */ ({ ...read({ conversation: 'Hi' }), id: `ID ${n}` })
  inbox.record(Array.from({ length: 10_001 }, (_, n) => numbered(n)))
  assert.deepEqual([told, inbox.has(numbered(0)), inbox.has(numbered(1))], [10_001, false, true])
  inbox.record([numbered(1)])
  assert.equal(told, 10_001)
})
