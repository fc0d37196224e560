// @ts-check
/** What the front wants to say, as WhatsApp's protobuf. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { proto } from '../../../connector/node_modules/baileys/lib/index.js'
import { protobufOf, stanzaAttributes } from '../../../connector/outbound/content.js'

const CHAT = '4915112345678@s.whatsapp.net'
const GROUP = '120363041234567890@g.us'
const ME = '15551234567:5@s.whatsapp.net'

/** @param {any} message */
const build = async (message, chat = CHAT) =>
  proto.Message.decode(await protobufOf({ id: 'A', chat, message: { ...message } }, ME))

/** @param {string} chat @param {boolean} [fromMe] */
const targetIn = (chat, fromMe = false) => ({ id: 'B', chat, sender: CHAT, fromMe })

test('a text is a text, and an address in it is not looked up', async () => {
  const { extendedTextMessage } = await build({ kind: 'text', text: 'See https://127.0.0.1:1/' })
  assert.equal(extendedTextMessage?.text, 'See https://127.0.0.1:1/')
  assert.equal(extendedTextMessage?.title ?? null, null)
})

test('an empty text is a text', async () => {
  assert.equal((await build({ kind: 'text', text: '' })).extendedTextMessage?.text, '')
})

test('a reply names the message that it quotes, its sender and its text', async () => {
  const { extendedTextMessage } = await build({
    kind: 'text',
    text: 'Yes',
    replyTo: { ...targetIn(CHAT), text: 'Open?' }
  })
  const { stanzaId, participant, quotedMessage, remoteJid } = extendedTextMessage?.contextInfo ?? {}
  assert.deepEqual([stanzaId, participant, quotedMessage?.conversation, remoteJid], ['B', CHAT, 'Open?', null])
})

test('a reply to a message without a text, or to an own one, is a reply', async () => {
  for (const [fromMe, author] of /** @type {const} */ ([
    [false, CHAT],
    [true, '15551234567@s.whatsapp.net']
  ])) {
    const { extendedTextMessage } = await build({ kind: 'text', text: 'Yes', replyTo: targetIn(CHAT, fromMe) })
    assert.equal(extendedTextMessage?.contextInfo?.stanzaId, 'B')
    assert.equal(extendedTextMessage?.contextInfo?.participant, author)
  }
})

test('a text mentions people', async () => {
  const { extendedTextMessage } = await build({ kind: 'text', text: '@4915112345678', mentions: [CHAT] }, GROUP)
  assert.deepEqual(extendedTextMessage?.contextInfo?.mentionedJid, [CHAT])
})

test('a reaction names its target, and an empty one takes it away', async () => {
  const { reactionMessage } = await build({ kind: 'reaction', emoji: '👍', target: targetIn(GROUP) }, GROUP)
  assert.equal(reactionMessage?.text, '👍')
  assert.deepEqual(
    [
      reactionMessage?.key?.id,
      reactionMessage?.key?.remoteJid,
      reactionMessage?.key?.participant,
      reactionMessage?.key?.fromMe
    ],
    ['B', GROUP, CHAT, false]
  )
  assert.equal((await build({ kind: 'reaction', target: targetIn(CHAT) })).reactionMessage?.text, '')
})

test('an edit has the new text, and its stanza says so', async () => {
  const message = await build({ kind: 'edit', text: 'Hello!', target: targetIn(CHAT, true) })
  const { key, editedMessage, type } = message.protocolMessage ?? {}
  assert.equal(type, proto.Message.ProtocolMessage.Type.MESSAGE_EDIT)
  assert.deepEqual([key?.id, key?.fromMe, editedMessage?.extendedTextMessage?.text], ['B', true, 'Hello!'])
  assert.deepEqual(stanzaAttributes(message, CHAT), { edit: '1' })
})

test('a revoke of an own message, and an admin’s of another’s in a group, differ in the stanza', async () => {
  const own = await build({ kind: 'revoke', target: targetIn(GROUP, true) }, GROUP)
  assert.equal(own.protocolMessage?.type, proto.Message.ProtocolMessage.Type.REVOKE)
  assert.deepEqual(stanzaAttributes(own, GROUP), { edit: '7' })
  const other = await build({ kind: 'revoke', target: targetIn(GROUP) }, GROUP)
  assert.equal(other.protocolMessage?.key?.participant, CHAT)
  assert.deepEqual(stanzaAttributes(other, GROUP), { edit: '8' })
})

test('a place has its position and its name', async () => {
  const location = { latitude: 52.5, longitude: -13.25, name: 'The shop', address: 'Long Street 1' }
  const { locationMessage } = await build({ kind: 'location', location })
  const { degreesLatitude, degreesLongitude, name, address } = locationMessage ?? {}
  assert.deepEqual([degreesLatitude, degreesLongitude, name, address], [52.5, -13.25, 'The shop', 'Long Street 1'])
})

test('a contact card is made of a name and numbers, and no name can add a line to it', async () => {
  const contact = { name: 'Ann; Lee\nTEL:1', phoneNumbers: ['15551234567', '+49 151'] }
  const { contactMessage } = await build({ kind: 'contact', contact })
  assert.equal(contactMessage?.displayName, contact.name)
  assert.deepEqual(contactMessage?.vcard?.split('\n'), [
    'BEGIN:VCARD',
    'VERSION:3.0',
    String.raw`N:;Ann\; Lee\nTEL:1;;;`,
    String.raw`FN:Ann\; Lee\nTEL:1`,
    'TEL;type=CELL;type=VOICE;waid=15551234567:+15551234567',
    'TEL;type=CELL;type=VOICE;waid=49151:+49151',
    'END:VCARD'
  ])
})

test('a card of the caller goes out as it is', async () => {
  const { contactMessage } = await build({ kind: 'contact', contact: { name: 'Ann', vcard: 'BEGIN:VCARD\nEND:VCARD' } })
  assert.equal(contactMessage?.vcard, 'BEGIN:VCARD\nEND:VCARD')
})
