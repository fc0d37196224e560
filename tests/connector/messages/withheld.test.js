// @ts-check
/** Messages that a linked device cannot read, or that Baileys refuses: each is reported once, or skipped. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openAccount, OURS } from '../../support/connector/inbox_account.js'
import { openSandbox } from '../../support/connector/sandbox_client.js'
import * as baileys from '../../../connector/node_modules/baileys/lib/index.js'

const BO = '4915112345678'

/** @typedef {Awaited<ReturnType<typeof openSandbox>>} Sandbox */

/** @param {Sandbox} sandbox @param {string} text @param {object} [more] */
const write = (sandbox, text, more = {}) => sandbox.post('send', { from: BO, to: OURS, id: text, text, ...more })

test('a message that only Baileys can read is reported after Baileys has read it', async t => {
  const sandbox = await openSandbox(t)
  const account = await openAccount(t, sandbox)
  const client = await account.open()
  await client.open()
  t.mock.method(
    baileys.proto.Message,
    'decode',
    () => {
      throw new Error('no message')
    },
    { times: 1 }
  )
  await write(sandbox, 'one')
  assert.deepEqual(await account.texts('one'), ['one'])
})

test('a message whose content is withheld from linked devices is reported as undecryptable after a time', async t => {
  const sandbox = await openSandbox(t)
  const account = await openAccount(t, sandbox, { timeoutMs: 50 })
  await account.open()
  await write(sandbox, 'one', { isAbsent: true })
  await account.texts(null)
  assert.deepEqual(
    account.reported().map(({ id, kind, text }) => [id, kind, text]),
    [['one', 'undecryptable', null]]
  )
})

const PHONE_ONLY = /** @type {[string, string, number, baileys.BinaryNode][]} */ ([
  ['can be viewed once', 'view_once', 0, { tag: 'unavailable', attrs: { type: 'view_once' } }],
  [
    'can be viewed once, in the newer form',
    'view_once',
    0,
    { tag: 'unavailable', attrs: { type: 'view_once_unavailable_fanout' } }
  ],
  ['is of a hosted business', 'undecryptable', 0, { tag: 'unavailable', attrs: { type: 'hosted_unavailable_fanout' } }],
  ['is too old to be asked for', 'undecryptable', 15 * 86_400, { tag: 'unavailable', attrs: {} }],
  [
    'is the answer of a bot',
    'undecryptable',
    0,
    { tag: 'enc', attrs: { v: '2', type: 'msmsg' }, content: Buffer.from('sealed') }
  ]
])

for (const [what, kind, age, content] of PHONE_ONLY) {
  test(`a message that ${what} is reported once as ${kind}, at once`, async t => {
    const sandbox = await openSandbox(t)
    const account = await openAccount(t, sandbox)
    const client = await account.open()
    await client.open()
    const time = String(Math.floor(Date.now() / 1000) - age)
    const attrs = { id: 'one', from: `${BO}@s.whatsapp.net`, type: 'media', t: time, notify: 'Bo' }
    for (let copy = 0; copy < 2; copy++)
      client.socket.ws.emit('CB:message', { tag: 'message', attrs, content: [content] })
    await write(sandbox, 'two')
    await account.texts('two')
    assert.deepEqual(
      account.reported().map(message => [message.id, message.kind]),
      [
        ['one', kind],
        ['two', 'text']
      ]
    )
  })
}

test('a withheld message of an unknown kind of chat is skipped', async t => {
  const sandbox = await openSandbox(t)
  const account = await openAccount(t, sandbox)
  const client = await account.open()
  await client.open()
  const attrs = { id: 'one', from: '1@nowhere', type: 'media', t: '1' }
  client.socket.ws.emit('CB:message', {
    tag: 'message',
    attrs,
    content: [{ tag: 'unavailable', attrs: { type: 'view_once' } }]
  })
  await write(sandbox, 'two')
  assert.deepEqual(await account.texts('two'), ['two'])
})

test('a message that Baileys refuses before the decryption is reported as undecryptable at once', async t => {
  const sandbox = await openSandbox(t)
  const account = await openAccount(t, sandbox)
  const client = await account.open()
  await client.open()
  const fail = () => Promise.reject(new Error('no table'))
  t.mock.method(client.socket.signalRepository.lidMapping, 'getPNForLID', fail, { times: 1 })
  await write(sandbox, 'one')
  await account.texts(null)
  await write(sandbox, 'two')
  await account.texts('two')
  assert.deepEqual(
    account.reported().map(({ id, kind }) => [id, kind]),
    [
      ['one', 'undecryptable'],
      ['two', 'text']
    ]
  )
})
