// @ts-check
/** Addresses of chats and senders: by number if the stanza or the mapping has it, with the LID next to it. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aliasesInStanza, aliasesInKey, resolve } from '../../../connector/messages/addresses.js'

const ME = { id: '15551234567:3@s.whatsapp.net', lid: '123123123123123:3@lid' }
const [OURS, OUR_LID] = ['15551234567@s.whatsapp.net', '123123123123123@lid']
const [BO, BO_LID] = ['4915112345678@s.whatsapp.net', '909913313250243@lid']
const GROUP = '120363041234567890@g.us'
const STATUS = 'status@broadcast'

/** What WhatsApp's mapping holds, as Baileys keeps it. @type {Record<string, string>} */
const MAPPED = { 4915112345678: '909913313250243', '909913313250243_reverse': '4915112345678' }

/** @param {ReturnType<typeof aliasesInStanza>} aliases @param {Record<string, string>} [mapped] */
function told(aliases, mapped = {}) {
  /** @type {any} */
  const keys = {
    get: (/** @type {string} */ _, /** @type {string[]} */ [id = '']) => (mapped[id] ? { [id]: mapped[id] } : {})
  }
  const { chat, chatLid, sender, senderLid } = resolve(aliases, keys)
  return [chat, chatLid, sender, senderLid]
}

const BOTH = [BO, BO_LID, BO, BO_LID]
const OWN = [BO, BO_LID, OURS, OUR_LID]
const IN_GROUP = [GROUP, null, BO, BO_LID]

for (const [what, attrs, expected] of /** @type {[string, Record<string, string>, unknown[]][]} */ ([
  [
    'a contact by number',
    { from: '4915112345678:2@s.whatsapp.net', sender_lid: '909913313250243:2@lid', addressing_mode: 'pn' },
    BOTH
  ],
  ['a contact by LID', { from: '909913313250243:2@lid', sender_pn: BO, addressing_mode: 'lid' }, BOTH],
  ['a contact whose number WhatsApp hides', { from: BO_LID }, [BO_LID, BO_LID, BO_LID, BO_LID]],
  ['a contact whose LID is not known', { from: BO }, [BO, null, BO, null]],
  [
    'a device that WhatsApp hosts',
    { from: '4915112345678:99@hosted', sender_lid: '909913313250243:99@hosted.lid' },
    BOTH
  ],
  ['the own phone by number', { from: OURS, recipient: BO, peer_recipient_lid: BO_LID }, OWN],
  ['the own phone by LID', { from: OUR_LID, recipient: BO_LID, peer_recipient_pn: BO }, OWN],
  ['the own phone, with the older name of the attribute', { from: OUR_LID, recipient: BO_LID, recipient_pn: BO }, OWN],
  ['the own phone to itself', { from: OUR_LID }, [OURS, OUR_LID, OURS, OUR_LID]],
  [
    'a member of a group by number',
    { from: GROUP, participant: BO, participant_lid: BO_LID, addressing_mode: 'pn' },
    IN_GROUP
  ],
  [
    'a member of a group by LID',
    { from: GROUP, participant: BO_LID, participant_pn: BO, addressing_mode: 'lid' },
    IN_GROUP
  ],
  ['the account in a group', { from: GROUP, participant: OUR_LID }, [GROUP, null, OURS, OUR_LID]],
  ['a status', { from: STATUS, participant: BO, participant_lid: BO_LID }, [STATUS, null, BO, BO_LID]],
  ['a channel', { from: '120363@newsletter' }, ['120363@newsletter', null, '120363@newsletter', null]],
  ['an address of another kind as the other one', { from: BO, sender_lid: GROUP }, [BO, null, BO, null]]
])) {
  test(`${what}: the stanza says it`, () => assert.deepEqual(told(aliasesInStanza(attrs, ME)), expected))
}

for (const [what, attrs, expected] of /** @type {[string, Record<string, string>, unknown[]][]} */ ([
  ['a contact by LID', { from: BO_LID }, BOTH],
  ['a contact by number', { from: BO }, BOTH],
  ['the own phone by LID', { from: OUR_LID, recipient: BO_LID }, OWN],
  ['a member of a group by LID', { from: GROUP, participant: BO_LID }, IN_GROUP]
])) {
  test(`${what}: the mapping knows what the stanza does not say`, () =>
    assert.deepEqual(told(aliasesInStanza(attrs, ME), MAPPED), expected))
}

for (const [what, key, expected] of /** @type {[string, object, unknown[]][]} */ ([
  ['a contact', { remoteJid: BO, remoteJidAlt: BO_LID }, BOTH],
  ['the own phone', { remoteJid: BO_LID, remoteJidAlt: BO, fromMe: true }, OWN],
  [
    'the own phone, where Baileys gives the own other address',
    { remoteJid: BO_LID, remoteJidAlt: OURS, fromMe: true },
    [BO_LID, BO_LID, OURS, OUR_LID]
  ],
  ['a member of a group', { remoteJid: GROUP, participant: BO_LID, participantAlt: BO }, IN_GROUP],
  ['a status', { remoteJid: STATUS, remoteJidAlt: BO_LID, participant: BO }, [STATUS, null, BO, BO_LID]]
])) {
  test(`${what}: Baileys' key says it`, () => assert.deepEqual(told(aliasesInKey(key, ME)), expected))
}

test('aliases begin with the address in the stanza, before any mapping', () => {
  assert.deepEqual(aliasesInStanza({ from: GROUP, participant: BO_LID, participant_pn: BO }, ME), {
    chat: [GROUP],
    sender: [BO_LID, BO]
  })
  assert.deepEqual(aliasesInStanza({ from: BO }, ME), { chat: [BO], sender: [BO] })
})

test('an address of any length is cut', () => {
  const { chat } = aliasesInStanza({ from: `${'9'.repeat(500)}@lid` }, ME)
  assert.equal(chat[0]?.length, 200)
})
