// @ts-check
/** Messages of a linked device to groups: sender keys, members who ask again, receipts. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BO, CY, makeGroup, MEMBERS, OURS } from '../../support/connector/groups.js'
import { link, openSandbox } from '../../support/connector/sandbox_client.js'
import { textsOf } from '../../support/connector/stanzas.js'

for (const addressingMode of ['pn', 'lid']) {
  test(`a group that names its members by ${addressingMode}: each member, each device and the own phone get each message`, async t => {
    const sandbox = await openSandbox(t)
    const { socket } = await link(t, sandbox)
    const other = await link(t, sandbox)
    const theirs = await link(t, sandbox, { phoneNumber: BO })
    const group = await makeGroup(sandbox, { addressingMode })
    const texts = ['one', 'two', 'three']
    const heard = [other, theirs].map(({ socket }) => textsOf(socket, texts.length))
    for (const text of texts) await socket.sendMessage(group, { text })
    for (const number of MEMBERS) {
      const { chats, copies, dropped } = await sandbox.texts(number, ({ chats }) => chats[group]?.length === 3)
      assert.deepEqual([chats, copies, dropped], [{ [group]: texts }, 0, 0])
    }
    for (const got of await Promise.all(heard)) assert.deepEqual(got, texts)
    assert.deepEqual((await sandbox.state()).unknownQueries, [])
  })
}

test('the second message to a group carries no key for those who have it', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const theirs = await link(t, sandbox, { phoneNumber: BO })
  const group = await makeGroup(sandbox)
  /** @type {string[]} */
  const kinds = []
  theirs.socket.ws.on('CB:message', (/** @type {any} */ { content }) =>
    kinds.push(content.flatMap((/** @type {any} */ { tag, attrs }) => (tag === 'enc' ? [attrs.type] : [])).join(' '))
  )
  const heard = textsOf(theirs.socket, 2)
  for (const text of ['one', 'two']) await socket.sendMessage(group, { text })
  await heard
  assert.deepEqual(kinds, ['pkmsg skmsg', 'skmsg'])
})

test('a member who lost the key asks again, and everybody else shows the message once', async t => {
  const sandbox = await openSandbox(t)
  const stored = new Map()
  const { socket } = await link(t, sandbox, { getMessage: async ({ id }) => stored.get(id) })
  const group = await makeGroup(sandbox)
  await socket.sendMessage(group, { text: 'one' })
  for (const number of MEMBERS) await sandbox.texts(number, ({ chats }) => group in chats)
  await sandbox.post('forget-keys', { phoneNumber: BO })
  stored.set('TWO', { conversation: 'two' })
  await socket.sendMessage(group, { text: 'two' }, { messageId: 'TWO' })
  for (const number of MEMBERS)
    assert.deepEqual((await sandbox.texts(number, ({ chats }) => chats[group]?.length === 2)).chats, {
      [group]: ['one', 'two']
    })
  assert.equal((await sandbox.texts(CY, ({ copies }) => copies === 1)).copies, 1)
})

test("a member's device that was linked later asks again, and gets message and key", async t => {
  const sandbox = await openSandbox(t)
  const stored = new Map()
  const { socket } = await link(t, sandbox, { getMessage: async ({ id }) => stored.get(id) })
  const group = await makeGroup(sandbox)
  await socket.sendMessage(group, { text: 'one' })
  await sandbox.texts(BO, ({ chats }) => group in chats)
  const theirs = await link(t, sandbox, { phoneNumber: BO })
  const heard = textsOf(theirs.socket, 2)
  for (const text of ['two', 'three']) {
    stored.set(text, { conversation: text })
    await socket.sendMessage(group, { text }, { messageId: text })
  }
  assert.deepEqual((await heard).sort(), ['three', 'two'])
  assert.equal((await sandbox.texts(CY, ({ chats }) => chats[group]?.length === 3)).copies, 0)
})

test('members confirm a message each for themselves: delivered, read', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const group = await makeGroup(sandbox, { addressingMode: 'lid' })
  /** @type {any[]} */
  const receipts = []
  const all = new Promise(resolve =>
    socket.ws.on('CB:receipt', (/** @type {any} */ { attrs }) => {
      receipts.push(attrs)
      if (receipts.length === 3) resolve(null)
    })
  )
  await socket.sendMessage(group, { text: 'one' }, { messageId: 'ONE' })
  await sandbox.phone(BO, ({ inbox }) => inbox.length === 1)
  await sandbox.post('read', { phoneNumber: BO, id: 'ONE' })
  await all
  const { lid } = await sandbox.phone(BO)
  assert.deepEqual(new Set(receipts.map(({ id, from }) => `${id} ${from}`)), new Set([`ONE ${group}`]))
  assert.deepEqual(
    receipts.filter(({ participant }) => participant === `${lid}@lid`).map(({ type }) => type),
    [undefined, 'read']
  )
})

test('a member who is removed gets nothing more, one who is added gets the key, and devices hear of both', async t => {
  const sandbox = await openSandbox(t)
  const { socket } = await link(t, sandbox)
  const group = await makeGroup(sandbox, { members: [...MEMBERS, '4915100000000'] })
  await socket.sendMessage(group, { text: 'one' })
  await sandbox.texts(BO, ({ chats }) => group in chats)
  const changed = new Promise(resolve => socket.ev.on('group-participants.update', resolve))
  const { body } = await sandbox.post('members', { group, remove: [BO], add: ['4915100000001'] })
  assert.deepEqual(body.members, [CY, OURS, '4915100000000', '4915100000001'])
  assert.equal(/** @type {any} */ (await changed).id, group)
  await socket.sendMessage(group, { text: 'two' })
  assert.deepEqual((await sandbox.texts('4915100000001', ({ chats }) => group in chats)).chats, { [group]: ['two'] })
  await sandbox.texts(CY, ({ chats }) => chats[group]?.length === 2)
  assert.deepEqual((await sandbox.texts(BO)).chats, { [group]: ['one'] })
})

test('a message to a group is refused if the account is no member, or names members in the other way', async t => {
  const sandbox = await openSandbox(t)
  /** @type {any} */
  let cached
  const { socket } = await link(t, sandbox, { cachedGroupMetadata: async () => cached })
  const group = await makeGroup(sandbox, { members: [...MEMBERS, '4915100000000'] })
  cached = await socket.groupMetadata(group)
  const send = async (/** @type {string} */ text) => {
    const ack = new Promise(resolve => socket.ws.once('CB:ack,class:message', resolve))
    await socket.sendMessage(group, { text })
    return /** @type {any} */ (await ack).attrs.error
  }
  assert.equal(await send('one'), undefined)
  cached = { ...cached, addressingMode: 'lid' }
  assert.equal(await send('two'), '421')
  cached = { ...cached, addressingMode: 'pn' }
  await sandbox.post('members', { group, remove: [OURS], isQuiet: true })
  assert.equal(await send('three'), '403')
  assert.deepEqual((await sandbox.texts(BO, ({ chats }) => group in chats)).chats, { [group]: ['one'] })
})
