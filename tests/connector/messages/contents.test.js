// @ts-check
/** What phones write, through Signal and real Baileys to the front: kinds, targets, votes and edits that are opened. */

import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { cut, openAccount, OURS } from '../../support/connector/inbox_account.js'
import { openSandbox } from '../../support/connector/sandbox_client.js'
import { openTestDedup } from '../../support/connector/test_dedup.js'
import { seal } from '../../support/connector/sealing.js'
import { proto } from '../../../connector/node_modules/baileys/lib/index.js'

const BO = '4915112345678'
const CY = '4915187654321'
const addressOf = (/** @type {string} */ number) => `${number}@s.whatsapp.net`

/** @param {import('node:test').TestContext} t */
async function open(t) {
  const sandbox = await openSandbox(t)
  const account = await openAccount(t, sandbox)
  const client = await account.open()
  await client.open()
  /** A phone writes. @param {object} message */
  const write = async message => {
    const { status, body } = await sandbox.post('send', { from: BO, to: OURS, ...message })
    assert.equal(status, 200, JSON.stringify(body))
  }
  /** The messages up to one with this text. @param {string} last */
  const until = async last => {
    await account.texts(last)
    return account.reported()
  }
  return { sandbox, account, client, write, until }
}

test('a reaction, an edit in both forms, a revoke and a reply of a phone name their targets', async t => {
  const { write, until } = await open(t)
  await write({ id: 'A', text: 'one' })
  await write({ id: 'B', text: 'two', replyTo: 'A', mentions: [OURS] })
  await write({ id: 'C', reaction: { id: 'A', emoji: '👍' } })
  await write({ id: 'D', edit: { id: 'A', text: 'uno' } })
  await write({ id: 'E', edit: { id: 'A', text: 'eins', isInEnvelope: true } })
  await write({ id: 'F', revoke: { id: 'A' } })
  await write({ text: 'end' })
  const [, reply, ...actions] = await until('end')
  const target = { id: 'A', chat: addressOf(BO), sender: addressOf(BO) }
  assert.deepEqual([reply.replyTo, reply.mentions], [{ ...target, text: 'one' }, [addressOf(OURS)]])
  assert.deepEqual(
    actions.slice(0, 4).map(({ kind, text, target: named }) => ({ kind, text, target: named })),
    [
      { kind: 'reaction', text: '👍', target },
      { kind: 'edit', text: 'uno', target },
      { kind: 'edit', text: 'eins', target },
      { kind: 'revoke', text: null, target }
    ]
  )
})

for (const addressingMode of ['pn', 'lid']) {
  test(`votes in a group by ${addressingMode} are opened on a later connection, and their poll is named by number`, async t => {
    const { sandbox, account, client, write, until } = await open(t)
    const { body } = await sandbox.post('groups', { members: [OURS, BO, CY], addressingMode })
    const inGroup = { to: undefined, group: body.id }
    const poll = {
      name: 'When?',
      options: [{ optionName: 'Today' }, { optionName: 'Never' }],
      selectableOptionsCount: 1
    }
    const secret = randomBytes(32)
    const messageContextInfo = { messageSecret: secret.toString('base64') }
    await write({ ...inGroup, id: 'POLL', content: { pollCreationMessageV3: poll, messageContextInfo } })
    await until('When?')
    cut(client.socket)
    await client.closed()
    const by = { id: 'POLL', secret, author: addressOf(BO), sender: addressOf(CY) }
    const hashes = [createHash('sha256').update('Never').digest()]
    const sealed = seal('Poll Vote', proto.Message.PollVoteMessage.encode({ selectedOptions: hashes }).finish(), by)
    const vote = { encPayload: sealed.encPayload.toString('base64'), encIv: sealed.encIv.toString('base64') }
    const pollCreationMessageKey = { id: 'POLL', remoteJid: body.id, participant: addressOf(BO), fromMe: false }
    await write({ ...inGroup, from: CY, content: { pollUpdateMessage: { pollCreationMessageKey, vote } } })
    await write({ ...inGroup, pollVote: { id: 'POLL', options: ['Today'] } })
    await account.open()
    const [asked, ...votes] = await until('Today')
    assert.deepEqual(asked.poll, { name: 'When?', options: ['Today', 'Never'], selectable: 1 })
    assert.deepEqual(
      votes.map(({ kind, choice, sender }) => [kind, choice.title, sender]),
      [
        ['poll_vote', 'Never', addressOf(CY)],
        ['poll_vote', 'Today', addressOf(BO)]
      ]
    )
    const target = { id: 'POLL', chat: body.id, sender: addressOf(BO) }
    assert.deepEqual([votes[0]?.target, votes[1]?.target], [target, target])
  })
}

test('an encrypted edit is opened with the secret of its message, also if that was sent from here', async t => {
  const { account, write, until } = await open(t)
  const secret = randomBytes(32)
  const messageContextInfo = { messageSecret: secret.toString('base64') }
  const edit = (/** @type {string} */ id, /** @type {string} */ author) => {
    const plaintext = proto.Message.encode({ conversation: 'new' }).finish()
    const { encPayload, encIv } = seal('Message Edit', plaintext, { id, secret, author, sender: author })
    return {
      secretEncryptedMessage: {
        targetMessageKey: { id, fromMe: true },
        secretEncType: 'MESSAGE_EDIT',
        encPayload: encPayload.toString('base64'),
        encIv: encIv.toString('base64')
      }
    }
  }
  await write({ id: 'A', content: { conversation: 'old', messageContextInfo } })
  await write({ id: 'B', content: edit('A', addressOf(BO)) })
  const [, edited] = await until('new')
  assert.deepEqual([edited.kind, edited.target.id], ['edit', 'A'])

  const sent = proto.Message.encode({ conversation: 'sent', messageContextInfo: { messageSecret: secret } }).finish()
  account.database.connection
    .prepare("INSERT INTO sent (id, chat, message, state, attempts, receipt, at) VALUES ('S', ?, ?, 1, 1, 0, 0)")
    .run(addressOf(BO), sent)
  await write({ from: OURS, to: BO, id: 'C', content: edit('S', addressOf(OURS)) })
  await write({ text: 'end' })
  const own = (await until('end')).find(({ id }) => id === 'C')
  assert.deepEqual([own.kind, own.text, own.fromMe, own.target.id], ['edit', 'new', true, 'S'])
})

test('a call of a phone is reported once, also one that came while the device was away', async t => {
  const { sandbox, account, client } = await open(t)
  const call = async (/** @type {object} */ more) => {
    const { status, body } = await sandbox.post('call', { from: BO, to: OURS, ...more })
    assert.equal(status, 200, JSON.stringify(body))
  }
  /** @param {number} count */
  const calls = async count => {
    const deadline = AbortSignal.timeout(10_000)
    while (account.calls().length < count) {
      deadline.throwIfAborted()
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    return account.calls()
  }
  await call({ id: 'ONE', isVideo: true })
  await call({ id: 'ONE', state: 'terminate' })
  await calls(1)
  // The confirmation of the next one is lost: the connection is cut before Baileys sends it.
  client.socket.ws.prependListener('CB:call', () => cut(client.socket))
  await call({ id: 'TWO', byLid: true })
  await client.closed()
  await call({ id: 'THREE' })
  const again = await account.open()
  await again.open()
  const chat = addressOf(BO)
  assert.deepEqual(
    (await calls(3)).map(({ id, chat, from, isVideo, isGroup }) => ({ id, chat, from, isVideo, isGroup })),
    ['ONE', 'TWO', 'THREE'].map(id => ({ id, chat, from: chat, isVideo: id === 'ONE', isGroup: false }))
  )
})

test('what can be viewed once, and comes all the same, replaces the message that only the phone shows', async t => {
  const { client, write, until } = await open(t)
  const attrs = {
    id: 'ONCE',
    from: addressOf(BO),
    type: 'media',
    t: String(Math.floor(Date.now() / 1000)),
    notify: 'Bo'
  }
  const unavailable = { tag: 'unavailable', attrs: { type: 'view_once' } }
  for (let copy = 0; copy < 2; copy++)
    client.socket.ws.emit('CB:message', { tag: 'message', attrs, content: [unavailable] })
  const content = { viewOnceMessageV2: { message: { imageMessage: { caption: 'Once', viewOnce: true } } } }
  await write({ id: 'ONCE', content })
  await until('Once')
  client.socket.ws.emit('CB:message', { tag: 'message', attrs, content: [unavailable] })
  await write({ id: 'END', text: 'end' })
  assert.deepEqual(
    (await until('end')).map(({ id, kind, text }) => [id, kind, text]),
    [
      ['ONCE', 'view_once', null],
      ['ONCE', 'image', 'Once'],
      ['END', 'text', 'end']
    ]
  )
})

test('a message that cannot be written leaves no secret behind, and its next copy does', t => {
  const { dedup, database, copy } = openTestDedup(t)
  const whole = copy({ chat: [addressOf(BO)], secret: { secret: randomBytes(32), options: null } })
  database.connection.exec(
    `CREATE TEMP TRIGGER full BEFORE INSERT ON main.secrets BEGIN SELECT RAISE(FAIL, 'disk full'); END`
  )
  const count = (/** @type {string} */ table) =>
    database.connection.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count
  assert.throws(() => dedup.store([whole]), /disk full/)
  assert.deepEqual([count('received'), count('secrets')], [0, 0])
  database.connection.exec('DROP TRIGGER full')
  dedup.store([whole])
  dedup.store([whole])
  assert.deepEqual([count('received'), count('secrets')], [1, 1])
})
