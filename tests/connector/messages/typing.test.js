// @ts-check
/** Somebody types: who, where and how; and a flood of it costs next to nothing. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { limitTyping, listenForTyping, readTyping } from '../../../connector/messages/typing.js'
import { BO, BO_LID, EVE, GROUP, KEYS, ME, OURS, OUR_LID } from '../../support/connector/contents.js'

/** @param {string} tag @param {Record<string, string>} [attrs] of the stanza @param {Record<string, string>} [child] */
const chatState = (tag, attrs = {}, child = {}) => ({
  tag: 'chatstate',
  attrs: { from: BO, ...attrs },
  content: [{ tag, attrs: child }]
})

/** @param {any} stanza */
const read = stanza => readTyping(stanza, ME, KEYS)

/** @param {Partial<import('../../../connector/messages/typing.js').Typed>} [typed] @returns {import('../../../connector/messages/typing.js').Typed} */
const typed = typed => ({ chat: BO, sender: BO, kind: 'text', isTyping: true, ...typed })

/** A limiter with a clock that the test turns. */
function limited() {
  /** @type {any[]} */
  const told = []
  let time = 0
  const limiter = limitTyping(
    one => told.push(one),
    () => time
  )
  return { told, take: limiter.take, stop: limiter.stop, turn: (/** @type {number} */ by) => (time += by) }
}

test('a chat state names the chat and the person by number, and whether a voice message is recorded', () => {
  assert.deepEqual(read(chatState('composing')), typed())
  assert.deepEqual(read(chatState('composing', { from: BO_LID })), typed())
  assert.deepEqual(read(chatState('composing', {}, { media: 'audio' })), typed({ kind: 'voice' }))
  assert.deepEqual(read(chatState('paused')), typed({ isTyping: false }))
  const inGroup = chatState('composing', { from: GROUP, participant: EVE })
  assert.deepEqual(read(inGroup), typed({ chat: GROUP, sender: EVE }))
})

test('chat states of the account itself, of lists and channels, and those that make no sense say nothing', () => {
  for (const from of [OURS, OUR_LID, 'status@broadcast', '1@newsletter', 's.whatsapp.net', '', '@'])
    assert.equal(read(chatState('composing', { from })), null, from)
  const odd = [
    { tag: 'chatstate', attrs: {} },
    { tag: 'chatstate', attrs: { from: BO } },
    { tag: 'chatstate', attrs: { from: BO }, content: 'composing' },
    { tag: 'chatstate', attrs: { from: BO }, content: [] },
    chatState('dancing'),
    chatState('composing', { from: GROUP })
  ]
  for (const stanza of odd) assert.equal(read(stanza), null, JSON.stringify(stanza))
})

test('a state is reported at once, and again only once it has changed, or after ten seconds of typing', () => {
  const { told, take, turn } = limited()
  take(typed())
  for (const by of [1_000, 4_000, 4_999]) {
    turn(by)
    take(typed())
  }
  assert.deepEqual(told, [typed()])
  turn(1)
  take(typed())
  turn(1_000)
  take(typed({ isTyping: false }))
  turn(60_000)
  take(typed({ isTyping: false }))
  assert.deepEqual(told, [typed(), typed(), typed({ isTyping: false })])
})

test('that somebody stopped of whom nobody knew that they typed is not reported', () => {
  const { told, take } = limited()
  take(typed({ isTyping: false }))
  assert.deepEqual(told, [])
})

test('of a flood in one chat the first state and the last one are reported', t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { told, take, turn } = limited()
  for (let count = 0; count < 10_000; count += 1) take(typed({ isTyping: count % 2 === 0 }))
  assert.deepEqual(told, [typed()])
  turn(1_000)
  t.mock.timers.tick(250)
  assert.deepEqual(told, [typed(), typed({ isTyping: false })])
})

test('twenty lines go out in a second, however many people type, and those of a thousand people wait', t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { told, take, turn } = limited()
  for (let count = 0; count < 5_000; count += 1) take(typed({ chat: `${count}@s.whatsapp.net` }))
  assert.equal(told.length, 20)
  for (const seconds of [1, 2, 3]) {
    turn(1_000)
    t.mock.timers.tick(1_000)
    assert.equal(told.length, 20 + 20 * seconds)
  }
  for (let seconds = 0; seconds < 100; seconds += 1) {
    turn(1_000)
    t.mock.timers.tick(1_000)
  }
  assert.equal(told.length, 20 + 1_000)
})

test('nothing that waits is reported after the socket has ended', t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { told, take, stop, turn } = limited()
  take(typed())
  take(typed({ isTyping: false }))
  stop()
  turn(60_000)
  t.mock.timers.tick(60_000)
  assert.deepEqual(told, [typed()])
})

test('what a socket hears is reported once it says who the account is', () => {
  const ws = new EventEmitter()
  /** @type {any[]} */
  const told = []
  const creds = /** @type {any} */ ({})
  const credentials = /** @type {any} */ ({ state: { creds, keys: KEYS } })
  const stop = listenForTyping(/** @type {any} */ (ws), credentials, one => told.push(one))
  ws.emit('CB:chatstate', chatState('composing'))
  creds.me = ME
  ws.emit('CB:chatstate', chatState('composing'))
  stop()
  assert.deepEqual(told, [typed()])
})
