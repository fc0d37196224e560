// @ts-check
/** Votes, edits and reactions that are encrypted with the secret of the message that they are about. */

import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { contentOf } from '../../../../connector/messages/decryption.js'
import { openMessageSecrets } from '../../../../connector/messages/message_secrets.js'
import { decryptPollVote, proto, writeRandomPadMax16 } from '../../../../connector/node_modules/baileys/lib/index.js'
import { openConnectorDatabase } from '../../../../connector/storage/database.js'
import {
  BO,
  BO_LID,
  EVE,
  GROUP,
  normalizedCopy,
  OURS,
  OUR_LID,
  read,
  sent
} from '../../../support/connector/contents.js'
import { openTestDedup } from '../../../support/connector/test_dedup.js'
import { seal as sealWith } from '../../../support/connector/sealing.js'

const ID = '3EB0C767D097B7C7C030'
const SECRET = randomBytes(32)
/** @param {string} use @param {Uint8Array} plaintext @param {{author: string, sender: string}} by */
const seal = (use, plaintext, by) => sealWith(use, plaintext, { id: ID, secret: SECRET, ...by })

const IN_GROUP = { key: { remoteJid: GROUP, participant: BO } }

/** @param {string} sender @param {string[]} [options] @param {Buffer} [secret] */
const known = (sender, options = [], secret = SECRET) => ({
  /** @param {any} key */
  find: key => (key.id === ID && [key.sender, key.senderAlt].includes(sender) ? [{ sender, secret, options }] : [])
})

const sha256 = (/** @type {string} */ text) => createHash('sha256').update(text).digest()

/** @param {string[]} options */
const vote = (...options) => proto.Message.PollVoteMessage.encode({ selectedOptions: options.map(sha256) }).finish()

/** @param {object} content */
const encoded = content => proto.Message.encode(sent(content)).finish()

const OPTIONS = ['Today', 'Tomorrow', 'Never']

for (const author of [OURS, OUR_LID]) {
  for (const sender of [BO, BO_LID]) {
    test(`a vote of ${sender} in a poll of ${author} is opened, whichever address its client took`, () => {
      const pollUpdateMessage = {
        pollCreationMessageKey: { id: ID, remoteJid: GROUP, fromMe: false, participant: author },
        vote: seal('Poll Vote', vote('Never', 'Today'), { author, sender })
      }
      const found = read({ pollUpdateMessage }, { ...IN_GROUP, secrets: known(author, OPTIONS) })
      assert.deepEqual([found.kind, found.text], ['poll_vote', 'Today\nNever'])
      assert.deepEqual(found.choice, { id: null, title: 'Today\nNever' })
      assert.deepEqual(found.target, { id: ID, chat: GROUP, sender: OURS })
    })
  }
}

test('what is sealed here is what Baileys opens', () => {
  const sealed = seal('Poll Vote', vote('Today'), { author: OURS, sender: BO })
  const { selectedOptions } = decryptPollVote(sealed, {
    pollCreatorJid: OURS,
    pollMsgId: ID,
    pollEncKey: SECRET,
    voterJid: BO
  })
  assert.deepEqual(Buffer.from(selectedOptions?.[0] ?? []), sha256('Today'))
})

test('a vote that is taken away is a vote for nothing', () => {
  const pollCreationMessageKey = { id: ID, fromMe: true }
  const sealed = seal('Poll Vote', vote(), { author: BO, sender: BO })
  const found = read({ pollUpdateMessage: { pollCreationMessageKey, vote: sealed } }, { secrets: known(BO, OPTIONS) })
  assert.deepEqual([found.text, found.choice], [null, { id: null, title: '' }])
})

test('a vote for an answer that is not known stays closed, and is not a vote for the others', () => {
  const pollCreationMessageKey = { id: ID, fromMe: true }
  const sealed = seal('Poll Vote', vote('Today', 'Added later'), { author: BO, sender: BO })
  const found = read({ pollUpdateMessage: { pollCreationMessageKey, vote: sealed } }, { secrets: known(BO, OPTIONS) })
  assert.deepEqual([found.kind, found.text, found.choice], ['poll_vote', null, null])
})

test('a vote for an answer that an edit added is opened', t => {
  const { dedup, reported } = openTestDedup(t)
  const keys = { remoteJid: BO }
  const receive = (/** @type {string} */ id, /** @type {object} */ content) => {
    const aliases = { chat: [BO, BO_LID], sender: [BO, BO_LID] }
    const more = { key: { ...keys, id }, secrets: dedup.secrets }
    dedup.store([{ id, aliases, ...normalizedCopy(content, more) }])
  }
  const poll = (/** @type {string[]} */ names) => ({
    name: 'When?',
    options: names.map(optionName => ({ optionName }))
  })
  const targetMessageKey = { id: ID, fromMe: true }
  const by = { author: BO, sender: BO }
  receive(ID, { pollCreationMessageV3: poll(['Today']), messageContextInfo: { messageSecret: SECRET } })
  const edit = seal('Poll Edit', encoded({ pollCreationMessageV3: poll(['Today', 'Never']) }), by)
  receive('EDIT', { secretEncryptedMessage: { targetMessageKey, secretEncType: 4, ...edit } })
  const sealed = seal('Poll Vote', vote('Never'), by)
  receive('VOTE', { pollUpdateMessage: { pollCreationMessageKey: targetMessageKey, vote: sealed } })
  assert.deepEqual(
    reported().map(({ kind, choice }) => [kind, choice?.title]),
    [
      ['poll', undefined],
      ['edit', undefined],
      ['poll_vote', 'Never']
    ]
  )
})

test('a vote that was altered, or is sealed with another secret, stays closed', () => {
  const pollCreationMessageKey = { id: ID, fromMe: true }
  const sealed = seal('Poll Vote', vote('Today'), { author: BO, sender: BO })
  const altered = { ...sealed, encPayload: sealed.encPayload.map((byte, at) => (at === 0 ? byte ^ 1 : byte)) }
  const cut = { ...sealed, encIv: sealed.encIv.subarray(1) }
  const foreign = known(BO, OPTIONS, randomBytes(32))
  const closed = [
    [altered, known(BO, OPTIONS)],
    [cut, known(BO, OPTIONS)],
    [sealed, foreign],
    [sealed, known(EVE, OPTIONS)]
  ]
  for (const [part, secrets] of closed) {
    const found = read({ pollUpdateMessage: { pollCreationMessageKey, vote: part } }, { secrets })
    assert.deepEqual([found.kind, found.choice, found.target.id], ['poll_vote', null, ID])
  }
})

test('an encrypted edit has the new text, by number and by LID', () => {
  const inner = { protocolMessage: { type: 'MESSAGE_EDIT', editedMessage: { conversation: 'New' } } }
  for (const address of [BO, BO_LID]) {
    for (const content of [inner, { editedMessage: { message: inner } }, { conversation: 'New' }]) {
      const secretEncryptedMessage = {
        targetMessageKey: { id: ID, fromMe: true, remoteJid: OUR_LID },
        secretEncType: 'MESSAGE_EDIT',
        ...seal('Message Edit', encoded(content), { author: address, sender: address })
      }
      const found = read({ secretEncryptedMessage }, { secrets: known(BO) })
      assert.deepEqual([found.kind, found.text], ['edit', 'New'])
      assert.deepEqual(found.target, { id: ID, chat: BO, sender: BO })
    }
  }
})

test('an encrypted edit of what another one wrote stays closed', () => {
  const secretEncryptedMessage = {
    targetMessageKey: { id: ID, fromMe: false, remoteJid: GROUP, participant: EVE },
    secretEncType: 'MESSAGE_EDIT',
    ...seal('Message Edit', encoded({ conversation: 'Forged' }), { author: EVE, sender: BO })
  }
  const found = read({ secretEncryptedMessage }, { ...IN_GROUP, secrets: known(EVE) })
  assert.deepEqual([found.kind, found.text, found.target.sender], ['edit', null, BO])
})

test('an event and a poll may be edited too', () => {
  const edit = (/** @type {any} */ secretEncType, /** @type {string} */ use, /** @type {Uint8Array} */ plaintext) =>
    read(
      {
        secretEncryptedMessage: {
          targetMessageKey: { id: ID, fromMe: true },
          secretEncType,
          ...seal(use, plaintext, { author: BO, sender: BO })
        }
      },
      { secrets: known(BO) }
    )
  const event = { name: 'Party' }
  assert.equal(edit('EVENT_EDIT', 'Event Edit', encoded({ eventMessage: event })).text, 'Party')
  const alone = proto.Message.EventMessage.encode(event).finish()
  assert.equal(edit('EVENT_EDIT', 'Event Edit', alone).text, 'Party')
  const poll = encoded({ pollCreationMessageV3: { name: 'When?', options: [{ optionName: 'Now' }] } })
  for (const [type, use] of [
    [4, 'Poll Edit'],
    [5, 'Poll Add Option'],
    [5, 'Poll Edit']
  ]) {
    const found = edit(type, String(use), poll)
    assert.deepEqual([found.kind, found.poll.options], ['edit', ['Now']], String(use))
  }
})

test('reactions, comments and answers in communities are opened', () => {
  const key = { id: ID, remoteJid: GROUP, participant: EVE }
  const by = { author: EVE, sender: BO }
  const more = { ...IN_GROUP, secrets: known(EVE) }
  const reaction = proto.Message.ReactionMessage.encode({ text: '👍' }).finish()
  const reacted = read({ encReactionMessage: { targetMessageKey: key, ...seal('Enc Reaction', reaction, by) } }, more)
  assert.deepEqual([reacted.kind, reacted.emoji, reacted.target.sender], ['reaction', '👍', EVE])
  const comment = seal('Enc Comment', encoded({ extendedTextMessage: { text: 'Nice' } }), by)
  const commented = read({ encCommentMessage: { targetMessageKey: key, ...comment } }, more)
  assert.deepEqual([commented.kind, commented.text], ['other:commentMessage', 'Nice'])
  const going = proto.Message.EventResponseMessage.encode({ response: 1 }).finish()
  const answer = seal('Event Response', going, by)
  const answered = read({ encEventResponseMessage: { eventCreationMessageKey: key, ...answer } }, more)
  assert.deepEqual(answered.choice, { id: 'going', title: null })
})

test('an opened part that is no protobuf is as if it could not be opened', () => {
  const targetMessageKey = { id: ID, fromMe: true }
  const sealed = seal('Enc Reaction', Buffer.from([255, 255, 255]), { author: BO, sender: BO })
  const { kind, emoji } = read({ encReactionMessage: { targetMessageKey, ...sealed } }, { secrets: known(BO) })
  assert.deepEqual([kind, emoji], ['other:encReactionMessage', null])
})

/** @param {import('node:test').TestContext} t */
function openSecrets(t) {
  const folder = mkdtempSync(join(tmpdir(), 'motte-secrets-'))
  const { connection, transaction, close } = openConnectorDatabase(folder)
  t.after(() => {
    close()
    rmSync(folder, { recursive: true })
  })
  return { secrets: openMessageSecrets(connection), transaction, connection }
}

const keyOf = (/** @type {string} */ id, sender = BO) => ({
  id,
  chat: GROUP,
  chatAlt: GROUP,
  sender,
  senderAlt: sender
})

test('secrets of 10,000 messages and of 1,000 polls are kept, apart from each other', t => {
  const { secrets, transaction } = openSecrets(t)
  transaction(() => {
    for (let n = 0; n <= 1_000; n++) {
      secrets.keep({ id: `poll ${n}`, chat: GROUP, sender: BO }, { secret: SECRET, options: ['A', 'B'] })
    }
    for (let n = 0; n <= 10_000; n++) {
      secrets.keep({ id: `text ${n}`, chat: GROUP, sender: BO }, { secret: SECRET, options: null })
    }
  })
  const has = (/** @type {string} */ id) => secrets.find(keyOf(id)).length > 0
  assert.deepEqual(['poll 0', 'poll 1', 'poll 1000'].map(has), [false, true, true])
  assert.deepEqual(['text 0', 'text 1', 'text 10000'].map(has), [false, true, true])
  assert.deepEqual(secrets.find(keyOf('poll 1'))[0]?.options, ['A', 'B'])
})

test('a secret is found by chat and author, and only by these', t => {
  const { secrets } = openSecrets(t)
  secrets.keep({ id: ID, chat: GROUP, sender: BO }, { secret: SECRET, options: null })
  secrets.keep({ id: ID, chat: GROUP, sender: EVE }, { secret: randomBytes(32), options: null })
  assert.deepEqual(
    secrets.find(keyOf(ID)).map(({ secret }) => Buffer.from(secret)),
    [SECRET]
  )
  assert.equal(secrets.find({ ...keyOf(ID), chat: BO, chatAlt: BO_LID }).length, 0)
})

test('the answers of a poll take 8,192 characters at most', t => {
  const { secrets } = openSecrets(t)
  const kept = (/** @type {string[]} */ options) => {
    secrets.keep({ id: ID, chat: GROUP, sender: BO }, { secret: SECRET, options })
    return secrets.find(keyOf(ID))[0]?.options.length
  }
  assert.equal(kept(['x'.repeat(8_191), 'y']), 2)
  assert.equal(kept(['x'.repeat(8_191), 'yy']), 1)
})

test('the secret of what the own phone wrote is found beside its copy, and in it', () => {
  const messageContextInfo = { messageSecret: SECRET }
  const copies = [
    { deviceSentMessage: { message: { conversation: 'Hi' } }, messageContextInfo },
    { deviceSentMessage: { message: { conversation: 'Hi', messageContextInfo } } }
  ]
  for (const copy of copies) {
    const content = contentOf(writeRandomPadMax16(encoded(copy)))
    assert.equal(content?.conversation, 'Hi')
    assert.deepEqual(Buffer.from(content.messageContextInfo?.messageSecret ?? []), SECRET)
  }
})
