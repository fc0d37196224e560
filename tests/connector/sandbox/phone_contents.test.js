// @ts-check
/** What phones write: replies, mentions, reactions, edits, revokes, polls, votes, places, cards, and any content. */

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { decryptPollVote } from '../../../connector/node_modules/baileys/lib/index.js'
import { link, openSandbox } from '../../support/connector/sandbox_client.js'

const OURS = '15551234567'
const BO = '4915112345678'
const CY = '4915187654321'
const [OUR_JID, TO_BO] = [`${OURS}@s.whatsapp.net`, `${BO}@s.whatsapp.net`]

/** @typedef {Awaited<ReturnType<typeof link>>['socket']} Socket */

test('a phone answers, mentions, reacts, edits and revokes; the messages that it means are named', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  await socket.sendMessage(TO_BO, { text: 'Hello, Bo' }, { messageId: 'OURS' })
  await sandbox.texts(BO, ({ chats }) => OURS in chats)
  const stanzas = stanzasOf(socket)
  const heard = messages(socket, 7)
  const write = async (/** @type {object} */ wish) => {
    const { status, body } = await sandbox.post('send', { from: BO, to: OURS, ...wish })
    assert.equal(status, 200, JSON.stringify(body))
    return body.id
  }
  await write({ text: 'an answer', replyTo: 'OURS', mentions: [CY], id: 'THEIRS' })
  await write({ reaction: { id: 'OURS', emoji: '👍' } })
  await write({ reaction: { id: 'OURS', emoji: null } })
  await write({ edit: { id: 'THEIRS', text: 'better' } })
  await write({ edit: { id: 'THEIRS', text: 'best', isInEnvelope: true } })
  await write({ revoke: { id: 'THEIRS' } })
  await write({ text: 'last' })
  const [answer, reaction, taken, edit, edited, revoke] = (await heard).map(({ message }) => message)
  const { text, contextInfo } = answer.extendedTextMessage
  assert.deepEqual([text, contextInfo.stanzaId, contextInfo.participant], ['an answer', 'OURS', OUR_JID])
  assert.equal(contextInfo.quotedMessage.extendedTextMessage.text, 'Hello, Bo')
  assert.deepEqual(contextInfo.mentionedJid, [`${CY}@s.whatsapp.net`])
  assert.deepEqual([reaction.reactionMessage.text, reaction.reactionMessage.key.id], ['👍', 'OURS'])
  assert.equal(taken.reactionMessage.text, '')
  assert.deepEqual([edit.protocolMessage.key.id, edit.protocolMessage.editedMessage.conversation], ['THEIRS', 'better'])
  assert.equal(edited.editedMessage.message.protocolMessage.editedMessage.conversation, 'best')
  assert.deepEqual([revoke.protocolMessage.key.id, revoke.protocolMessage.type], ['THEIRS', 0])
  assert.deepEqual(
    stanzas().map(({ type, edit = '' }) => `${type} ${edit}`.trim()),
    ['text', 'reaction', 'reaction 7', 'text 1', 'text 1', 'text 7', 'text']
  )
})

test('in a group an admin revokes what somebody else wrote', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const { body } = await sandbox.post('groups', { members: [BO, CY, OURS], addressingMode: 'lid' })
  const heard = messages(socket, 1)
  const stanzas = stanzasOf(socket)
  await sandbox.post('send', { from: BO, group: body.id, revoke: { id: 'OFCY', sender: CY } })
  const [{ message, key }] = await heard
  const { lid } = await sandbox.phone(CY)
  assert.deepEqual([message.protocolMessage.key.participant, key.remoteJid], [`${lid}@lid`, body.id])
  assert.equal(stanzas()[0].edit, '8')
})

test('a phone votes in a poll of a linked device, and makes polls of its own', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const sent = await socket.sendMessage(TO_BO, { poll: { name: 'When?', values: ['Mon', 'Tue'], selectableCount: 1 } })
  const id = String(sent?.key.id)
  const { inbox } = await sandbox.phone(BO, ({ inbox }) => inbox.length === 1)
  assert.deepEqual([inbox[0].kind, inbox[0].text], ['poll', 'When?'])
  const heard = messages(socket, 2)
  await sandbox.post('send', { from: BO, to: OURS, pollVote: { id, options: ['Tue'] } })
  await sandbox.post('send', { from: BO, to: OURS, poll: { name: 'Where?', options: ['Here', 'There'] } })
  const [vote, poll] = (await heard).map(({ message }) => message)
  const { selectedOptions } = decryptPollVote(vote.pollUpdateMessage.vote, {
    pollCreatorJid: OUR_JID,
    pollMsgId: id,
    pollEncKey: /** @type {Uint8Array} */ (sent?.message?.messageContextInfo?.messageSecret),
    voterJid: TO_BO
  })
  assert.deepEqual(selectedOptions.map(String), [String(createHash('sha256').update('Tue').digest())])
  assert.equal(poll.pollCreationMessageV3.options[1].optionName, 'There')
  assert.equal(poll.messageContextInfo.messageSecret.length, 32)
})

test('a phone sends a place, a card, and any content that a message can have', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const heard = messages(socket, 3)
  for (const wish of [
    { location: { latitude: 52.5, longitude: 13.4, name: 'Berlin' } },
    { contact: { name: 'Cy', phoneNumber: CY } },
    { content: { imageMessage: { caption: 'Look', mediaKey: 'AAEC' } }, type: 'media' }
  ])
    assert.equal((await sandbox.post('send', { from: BO, to: OURS, ...wish })).status, 200)
  const [place, card, image] = (await heard).map(({ message }) => message)
  assert.deepEqual([place.locationMessage.degreesLatitude, place.locationMessage.name], [52.5, 'Berlin'])
  assert.match(card.contactMessage.vcard, /waid=4915187654321:/)
  assert.deepEqual([image.imageMessage.caption, [...image.imageMessage.mediaKey]], ['Look', [0, 1, 2]])
})

test('a message says one thing, and only about a message that its phone has', async t => {
  const sandbox = await openSandbox(t)
  await link(t, sandbox)
  for (const [wish, error] of /** @type {const} */ ([
    [{}, 'invalid-request'],
    [{ text: 'a', revoke: { id: 'X' } }, 'invalid-request'],
    [{ reaction: '👍' }, 'invalid-request'],
    [{ text: '' }, 'invalid-request'],
    [{ revoke: { id: 'X' } }, 'no-such-message'],
    [{ pollVote: { id: 'X', sender: OURS } }, 'invalid-request'],
    [{ poll: { name: 'When?' } }, 'invalid-request'],
    [{ content: { imageMessage: 'Look' } }, 'invalid-request'],
    [{ location: { latitude: 1, longitude: 2, name: {} } }, 'invalid-request']
  ])) {
    const { body } = await sandbox.post('send', { from: BO, to: OURS, ...wish })
    assert.equal(body.error, error, JSON.stringify(wish))
  }
})

test('a sender whose number is not told: by LID alone, in a chat and in a group', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const { body } = await sandbox.post('groups', { members: [BO, CY, OURS], addressingMode: 'lid' })
  const heard = messages(socket, 2)
  await sandbox.post('send', { from: BO, to: OURS, text: 'one', byLid: true, hasOneAddress: true })
  await sandbox.post('send', { from: BO, group: body.id, text: 'two', hasOneAddress: true })
  const { lid } = await sandbox.phone(BO)
  const keys = (await heard).map(({ key }) => [
    key.participant || key.remoteJid,
    key.participantAlt ?? key.remoteJidAlt
  ])
  assert.deepEqual(keys, [
    [`${lid}@lid`, undefined],
    [`${lid}@lid`, undefined]
  ])
})

/** @param {Socket} socket @param {number} count @returns {Promise<any[]>} */
function messages(socket, count) {
  /** @type {any[]} */
  const heard = []
  return new Promise(resolve => {
    socket.ev.on('messages.upsert', ({ messages }) => {
      heard.push(...messages.filter(({ message, key }) => message && !key.fromMe))
      if (heard.length >= count) resolve(heard)
    })
  })
}

/** Attributes of the messages that come. @param {Socket} socket */
function stanzasOf(socket) {
  /** @type {any[]} */
  const seen = []
  socket.ws.on('CB:message', (/** @type {any} */ { attrs }) => seen.push(attrs))
  return () => seen
}
