// @ts-check
/** Groups: sender keys, the two ways to name a member, and the answers to queries about a group. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BO, CY, makeGroup, MEMBERS, OURS } from '../../support/connector/groups.js'
import { connect, link, openSandbox } from '../../support/connector/sandbox_client.js'

/** @typedef {Awaited<ReturnType<typeof openSandbox>>} Sandbox */
/** @typedef {Awaited<ReturnType<typeof link>>['socket']} Socket */

for (const addressingMode of ['pn', 'lid']) {
  test(`a group that names its members by ${addressingMode}: each message of each member arrives`, async t => {
    const sandbox = await openSandbox(t)
    const { socket } = await link(t, sandbox)
    const group = await makeGroup(sandbox, { addressingMode })
    const heard = messages(socket, 4)
    const stanzas = stanzasOf(socket)
    for (const [from, text] of [
      [BO, 'one'],
      [BO, 'two'],
      [CY, 'three'],
      [BO, 'four']
    ]) {
      assert.equal((await sandbox.post('send', { from, group, text })).status, 200)
    }
    const got = await heard
    assert.deepEqual(
      got.map(({ message }) => message.conversation),
      ['one', 'two', 'three', 'four']
    )
    assert.deepEqual(new Set(got.map(({ key }) => key.remoteJid)), new Set([group]))
    assert.match(got[0].key.participant, addressingMode === 'lid' ? /@lid$/ : /@s\.whatsapp\.net$/)
    assert.match(got[0].key.participantAlt, addressingMode === 'lid' ? /@s\.whatsapp\.net$/ : /@lid$/)
    assert.deepEqual(stanzas(), ['pkmsg skmsg', 'skmsg', 'pkmsg skmsg', 'skmsg'])
    assert.deepEqual((await sandbox.state()).unknownQueries, [])
  })
}

test('when a member has left, the others send their new keys with the next message', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const group = await makeGroup(sandbox, { members: [...MEMBERS, '4915100000000'] })
  const stanzas = stanzasOf(socket)
  const heard = messages(socket, 3)
  await sandbox.post('send', { from: BO, group, text: 'one' })
  await sandbox.post('send', { from: BO, group, text: 'two' })
  await sandbox.post('members', { group, remove: ['4915100000000'] })
  await sandbox.post('send', { from: BO, group, text: 'three' })
  await heard
  assert.deepEqual(stanzas(), ['pkmsg skmsg', 'skmsg', 'pkmsg skmsg'])
})

test('a device that lacks the sender key asks again, and gets the message and the key', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const group = await makeGroup(sandbox)
  const stanzas = stanzasOf(socket)
  const heard = messages(socket, 2)
  await sandbox.post('send', { from: BO, group, text: 'one', withoutKey: true })
  await receipts(sandbox, BO, ({ length }) => length === 2)
  await sandbox.post('send', { from: BO, group, text: 'two' })
  assert.deepEqual(
    (await heard).map(({ message }) => message.conversation),
    ['one', 'two']
  )
  assert.deepEqual(stanzas().slice(0, 2), ['skmsg', 'pkmsg'])
})

test('a message with a number of corrupt copies can be read in the next copy', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const group = await makeGroup(sandbox)
  const heard = messages(socket)
  await sandbox.post('send', { from: BO, group, text: 'one', id: 'ONE', isCorrupt: 3 })
  assert.equal((await heard)[0].message.conversation, 'one')
  const { length } = (await receipts(sandbox, BO, ({ length }) => length === 4)).filter(
    (/** @type {any} */ { type }) => type === 'retry'
  )
  assert.equal(length, 3)
})

test('messages of two members with the same id both wait for a device that is offline', async t => {
  const sandbox = await openSandbox(t)
  const { auth, socket } = await link(t, sandbox)
  const group = await makeGroup(sandbox)
  await socket.end(undefined)
  await sandbox.until(({ devices }) => !devices[0].online)
  await sandbox.post('send', { from: BO, group, text: 'of Bo', id: 'SAME' })
  await sandbox.post('send', { from: CY, group, text: 'of Cy', id: 'SAME' })
  const again = await connect(t, sandbox.url, { auth })
  const stanzas = stanzasOf(again.socket)
  await again.settled()
  assert.equal(stanzas().length, 2)
})

test("a message of the account's own phone reaches its linked device, which learns the recipient", async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const heard = messages(socket, 2)
  await sandbox.post('send', { from: OURS, to: BO, text: 'by number' })
  await sandbox.post('send', { from: OURS, to: BO, text: 'by lid', byLid: true })
  const keys = (await heard).map(({ key }) => [
    key.fromMe,
    key.remoteJid?.split('@')[1],
    key.remoteJidAlt?.split('@')[1]
  ])
  assert.deepEqual(keys, [
    [true, 's.whatsapp.net', 'lid'],
    [true, 'lid', 's.whatsapp.net']
  ])
})

test('a device can ask for its groups and for one of them, of which it is a member', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  assert.deepEqual(await socket.groupFetchAllParticipating(), {})
  const group = await makeGroup(sandbox, { addressingMode: 'lid', subject: 'Cyclists' })
  const foreign = await makeGroup(sandbox, { members: [BO, CY, '4915100000000'] })
  assert.deepEqual(Object.keys(await socket.groupFetchAllParticipating()), [group])
  const { subject, addressingMode, participants } = await socket.groupMetadata(group)
  assert.deepEqual([subject, addressingMode, participants.length], ['Cyclists', 'lid', 3])
  assert.deepEqual(
    participants.map(({ phoneNumber }) => phoneNumber),
    MEMBERS.map(number => `${number}@s.whatsapp.net`)
  )
  await assert.rejects(socket.groupMetadata(foreign), /item-not-found/)
})

test('a group has 3 to 1,024 members, and only they can write to it', async t => {
  const sandbox = await openSandbox(t)
  const numbers = Array.from({ length: 1025 }, (_, n) => String(4915100000000 + n))
  for (const [wish, detail] of /** @type {const} */ ([
    [{ members: MEMBERS.slice(1) }, /3 to 1024/],
    [{ members: [BO, BO, CY] }, /3 to 1024/],
    [{ members: numbers }, /3 to 1024/],
    [{ members: 'Bo' }, /list/],
    [{ members: MEMBERS, addressingMode: 'both' }, /"pn" or "lid"/],
    [{ members: MEMBERS, id: 'group@g.us' }, /g\.us/]
  ])) {
    const { status, body } = await sandbox.post('groups', wish)
    assert.equal(status, 400)
    assert.match(body.detail, detail)
  }
  await link(t, sandbox)
  const most = await makeGroup(sandbox, { members: numbers.slice(1) })
  assert.equal((await sandbox.post('members', { group: most, add: [BO] })).status, 400)
  assert.equal((await sandbox.post('members', { group: most, add: 'Bo' })).status, 400)
  const group = await makeGroup(sandbox)
  assert.equal((await sandbox.post('members', { group, remove: [BO] })).status, 400)
  assert.equal((await sandbox.post('send', { from: '4915100000000', group, text: 'Hi' })).body.error, 'no-such-group')
  assert.equal(
    (await sandbox.post('send', { from: BO, group: '12036300000000@g.us', text: 'Hi' })).body.error,
    'no-such-group'
  )
  assert.equal((await sandbox.post('send', { from: BO, to: OURS, group, text: 'Hi' })).status, 400)
  assert.equal((await sandbox.post('send', { from: BO, group, text: 'Hi', isCorrupt: 'yes' })).status, 400)
})

/**
 * Messages that could be decrypted.
 * @param {Socket} socket
 * @param {number} [count]
 * @returns {Promise<any[]>}
 */
function messages(socket, count = 1) {
  /** @type {any[]} */
  const heard = []
  return new Promise(resolve => {
    socket.ev.on('messages.upsert', ({ messages }) => {
      heard.push(...messages.filter(({ message }) => message?.conversation))
      if (heard.length >= count) resolve(heard)
    })
  })
}

/** How each message that comes is encrypted. @param {Socket} socket */
function stanzasOf(socket) {
  /** @type {string[]} */
  const seen = []
  socket.ws.on('CB:message', (/** @type {any} */ { content }) => {
    seen.push(
      content
        .filter((/** @type {any} */ { tag }) => tag === 'enc')
        .map((/** @type {any} */ { attrs }) => attrs.type)
        .join(' ')
    )
  })
  return () => seen
}

/**
 * @param {Sandbox} sandbox
 * @param {string} phoneNumber
 * @param {(receipts: any[]) => boolean} isWanted
 */
async function receipts(sandbox, phoneNumber, isWanted) {
  const deadline = AbortSignal.timeout(5000)
  for (;;) {
    const { body } = await sandbox.ask('GET', `phone?phoneNumber=${phoneNumber}`)
    if (isWanted(body.receipts)) return body.receipts
    deadline.throwIfAborted()
  }
}
