// @ts-check
/** Which message a reaction, an edit or a revoke is about, and who wrote it. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BO, BO_LID, EVE, GROUP, OURS, OUR_LID, read, seen } from '../../../support/connector/contents.js'

const IN_GROUP = { key: { remoteJid: GROUP, participant: BO } }
const OWN = { key: { remoteJid: BO, fromMe: true } }

test('a reaction names its emoji and its target; without an emoji it is taken away', () => {
  const reaction = (/** @type {string} */ text) => ({ reactionMessage: { key: { id: 'A', remoteJid: OURS }, text } })
  const target = { id: 'A', chat: BO, sender: OURS }
  assert.deepEqual(seen(read(reaction('👍'))), { kind: 'reaction', text: '👍', emoji: '👍', target })
  assert.deepEqual(seen(read(reaction(''))), { kind: 'reaction', target })
})

for (const [what, key, more, sender] of /** @type {const} */ ([
  ['of its own sender', { fromMe: true, remoteJid: OURS }, {}, BO],
  ['of this account', { fromMe: false, remoteJid: OURS }, {}, OURS],
  ['of this account, by LID', { fromMe: false, remoteJid: OUR_LID, participant: OUR_LID }, {}, OURS],
  ['of the other side, from the own phone', { fromMe: false, remoteJid: BO }, OWN, BO],
  ['of this account, from the own phone', { fromMe: true, remoteJid: BO }, OWN, OURS],
  ['of a member of the group', { fromMe: false, remoteJid: GROUP, participant: EVE }, IN_GROUP, EVE],
  ['of a member who wrote it, by LID', { fromMe: false, remoteJid: GROUP, participant: BO_LID }, IN_GROUP, BO],
  ['of its own sender in the group', { fromMe: true, remoteJid: GROUP, participant: EVE }, IN_GROUP, BO],
  ['of this account in the group', { fromMe: false, remoteJid: GROUP, participant: OUR_LID }, IN_GROUP, OURS]
])) {
  test(`a reaction to a message ${what} names its author`, () => {
    const { target } = read({ reactionMessage: { key: { ...key, id: 'A' }, text: '👍' } }, /** @type {any} */ (more))
    assert.equal(target.sender, sender)
    assert.equal(target.chat, /** @type {any} */ (more).key?.remoteJid === GROUP ? GROUP : BO)
  })
}

test('a reaction to a status names the status', () => {
  const key = { id: 'A', remoteJid: 'status@broadcast', participant: OURS }
  const { target } = read({ reactionMessage: { key, text: '👍' } })
  assert.deepEqual(target, { id: 'A', chat: 'status@broadcast', sender: OURS })
})

test('keys that Baileys has turned to the view of this account name the same author', () => {
  const target = (/** @type {object} */ key, more = {}) =>
    read({ reactionMessage: { key: { ...key, id: 'A' }, text: '👍' } }, { isOurView: true, ...more }).target.sender
  assert.equal(target({ fromMe: true, remoteJid: BO }), OURS)
  assert.equal(target({ fromMe: false, remoteJid: BO }), BO)
  assert.equal(target({ fromMe: false, remoteJid: GROUP, participant: EVE }, IN_GROUP), EVE)
})

test('an edit has the new text and its target, in each form of it', () => {
  const protocolMessage = {
    type: 'MESSAGE_EDIT',
    key: { id: 'A', fromMe: true, remoteJid: OURS },
    editedMessage: { extendedTextMessage: { text: 'New', contextInfo: { mentionedJid: [EVE] } } }
  }
  const expected = { kind: 'edit', text: 'New', mentions: [EVE], target: { id: 'A', chat: BO, sender: BO } }
  assert.deepEqual(seen(read({ editedMessage: { message: { protocolMessage } } })), expected)
  assert.deepEqual(seen(read({ protocolMessage })), expected)
  const image = { ...protocolMessage, editedMessage: { imageMessage: { caption: '' } } }
  assert.equal(read({ protocolMessage: image }).text, '', 'a caption that was taken away')
})

test('nobody edits what another one wrote', () => {
  const protocolMessage = {
    type: 'MESSAGE_EDIT',
    key: { id: 'A', fromMe: false, remoteJid: GROUP, participant: EVE },
    editedMessage: { conversation: 'Forged' }
  }
  assert.equal(read({ protocolMessage }, IN_GROUP).target.sender, BO)
})

test('a revoke names the author that it claims: the sender, or a member whose message an admin deletes', () => {
  const revoke = (/** @type {object} */ key, more = {}) =>
    seen(read({ protocolMessage: { type: 'REVOKE', key: { ...key, id: 'A' } } }, more))
  const inGroup = (/** @type {string} */ sender) => ({ kind: 'revoke', target: { id: 'A', chat: GROUP, sender } })
  assert.deepEqual(revoke({ fromMe: true, remoteJid: GROUP }, IN_GROUP), inGroup(BO))
  assert.deepEqual(revoke({ fromMe: false, remoteJid: GROUP, participant: EVE }, IN_GROUP), inGroup(EVE))
  const alone = { kind: 'revoke', target: { id: 'A', chat: BO, sender: BO } }
  assert.deepEqual(revoke({ fromMe: true, remoteJid: OURS }), alone)
  assert.deepEqual(revoke({ fromMe: false, remoteJid: OURS }), alone, 'in a chat of two, nobody deletes for the other')
})
