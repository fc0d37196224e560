// @ts-check
/** Calls that come are reported once each, before WhatsApp gets their confirmation. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { listenForCalls, readCall } from '../../../connector/messages/calls.js'
import { BO, BO_LID, EVE, GROUP, KEYS, ME, OURS, OUR_LID } from '../../support/connector/contents.js'
import { openTestDedup } from '../../support/connector/test_dedup.js'

/** A call of Bo. @param {Record<string, string>} [begin] @param {Record<string, string>} [attrs] */
const offer = (begin = {}, attrs = {}, content = /** @type {any[]} */ ([{ tag: 'audio', attrs: {} }])) => ({
  tag: 'call',
  attrs: { id: '1', from: BO, t: '1779710460', ...attrs },
  content: [{ tag: 'offer', attrs: { 'call-id': 'CALL', 'call-creator': BO.replace('@', ':2@'), ...begin }, content }]
})

const NO_KEYS = { get: () => ({}) }

/** @param {any} stanza @param {any} [keys] */
const read = (stanza, keys = KEYS) => readCall(stanza, ME, keys)?.call ?? null

test('a call names the caller by number, and when it came', () => {
  const expected = { id: 'CALL', chat: BO, from: BO, at: 1_779_710_460_000, isVideo: false, isGroup: false }
  assert.deepEqual(read(offer()), expected)
  assert.deepEqual(read(offer({ 'call-creator': BO_LID }, { from: BO_LID })), expected)
  const told = offer({ 'call-creator': BO_LID, caller_pn: BO }, { from: BO_LID })
  assert.deepEqual(read(told, NO_KEYS), expected)
})

test('a call may be one with video, or of a group', () => {
  assert.equal(read(offer({}, {}, [{ tag: 'video', attrs: {} }]))?.isVideo, true)
  const inGroup = {
    tag: 'offer_notice',
    attrs: { 'call-id': 'C', 'call-creator': EVE, 'group-jid': GROUP, media: 'video' }
  }
  assert.deepEqual(read({ tag: 'call', attrs: { from: GROUP, t: '1779710460' }, content: [inGroup] }), {
    id: 'C',
    chat: GROUP,
    from: EVE,
    at: 1_779_710_460_000,
    isVideo: true,
    isGroup: true
  })
})

test('what follows a call, and calls of the account itself, are no calls that came', () => {
  for (const tag of ['terminate', 'accept', 'reject', 'relaylatency', 'transport', 'preaccept'])
    assert.equal(read({ ...offer(), content: [{ tag, attrs: { 'call-id': 'CALL' } }] }), null, tag)
  for (const own of [OURS, OUR_LID]) assert.equal(read(offer({ 'call-creator': own }, { from: own })), null, own)
})

test('a stanza that makes no sense is no call', () => {
  const odd = [
    { tag: 'call', attrs: {} },
    { tag: 'call', attrs: {}, content: [] },
    { tag: 'call', attrs: {}, content: 'text' },
    { tag: 'call', attrs: {}, content: [{ tag: 'offer', attrs: {} }] },
    { tag: 'call', attrs: {}, content: [{ tag: 'offer', attrs: { 'call-id': 'C' } }] }
  ]
  for (const stanza of odd) assert.equal(read(stanza), null)
  const at = read(offer({}, { t: 'soon' }))?.at ?? 0
  assert.ok(Math.abs(at - Date.now()) < 10_000, 'a time that cannot be is now')
})

test('a call is on the disk before the listener of Baileys confirms it, and is reported once', t => {
  const { dedup, reported } = openTestDedup(t)
  const ws = new EventEmitter()
  /** @type {number[]} */
  const confirmed = []
  ws.on('CB:call', () => confirmed.push(reported().length))
  const state = /** @type {any} */ ({ creds: { me: ME }, keys: KEYS })
  listenForCalls(/** @type {any} */ (ws), { state }, dedup)
  for (const stanza of [offer(), offer({}, { offline: '0' }), offer({ 'call-id': 'NEXT' })]) ws.emit('CB:call', stanza)
  assert.deepEqual(confirmed, [1, 1, 2])
  const [first, second] = reported()
  assert.deepEqual([first.event, first.id, first.from, second.id], ['call_came', 'CALL', BO, 'NEXT'])
})

test('a message with the id of a call is another thing', t => {
  const { dedup, reported, copy } = openTestDedup(t)
  const { call, aliases } = /** @type {any} */ (readCall(/** @type {any} */ (offer()), ME, KEYS))
  dedup.storeCall(call, aliases)
  dedup.store([copy({ id: 'CALL', chat: [BO], sender: [BO] })])
  assert.deepEqual(
    reported().map(({ event }) => event),
    ['call_came', 'message_received']
  )
})

test('a call that comes while too much waits for the front is left out, and the next one is not', t => {
  let isFull = true
  /** @type {string[]} */
  const warned = []
  const log = { info() {}, warning: (/** @type {string} */ event) => void warned.push(event) }
  const { dedup, reported } = openTestDedup(t, { log, bound: { isFull: () => isFull, hasRoom: () => true } })
  const ring = (/** @type {string} */ id) => {
    const found = readCall(/** @type {any} */ (offer({ 'call-id': id })), ME, KEYS)
    if (found) dedup.storeCall(found.call, found.aliases)
  }
  ring('FIRST')
  isFull = false
  ring('SECOND')
  assert.deepEqual(
    reported().map(({ id }) => id),
    ['SECOND']
  )
  assert.deepEqual(warned, ['call_dropped'])
})
