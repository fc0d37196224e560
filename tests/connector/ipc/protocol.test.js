// @ts-check
/** Commands and events against the golden lines, which the front's tests read too. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readCommand, readUnknownSend } from '../../../connector/ipc/commands.js'
import * as events from '../../../connector/ipc/events.js'

/** @param {string} name */
const linesOf = name =>
  readFileSync(join(import.meta.dirname, '../../protocol', name), 'utf8')
    .trimEnd()
    .split('\n')

/** The hello of an older front. */
const GREETING = { command: 'hello', front: 'f', have: 0, epoch: 1, account: null }

/** Builds each event of the golden lines from what it says. @type {Record<string, (said: any) => object>} */
const BUILDERS = {
  up: () => events.up(),
  ready: ({ front, can }) => events.ready(front, can),
  pong: ({ headAge }) => events.pong(headAge),
  snapshot: said => events.snapshotTaken(said),
  qr_issued: said => events.qrIssued(said, said.version, said.isRefresh),
  pairing_code_awaited: ({ until }) => events.pairingCodeAwaited(until),
  qrs_exhausted: () => events.qrsExhausted(),
  scan_refused: ({ reason }) => events.scanRefused(reason),
  pairing_code_issued: ({ request, ...said }) => events.pairingCodeIssued(request, said),
  pairing_code_refused: ({ request, reason }) => events.pairingCodeRefused(request, reason),
  pairing_code_withdrawn: () => events.pairingCodeWithdrawn(),
  paired: said => events.paired(said),
  opened: said => events.opened(said, said.version),
  closed: ({ reason, retryIn, waitFor, version }) => events.closed({ ...reason, waitFor }, retryIn, version),
  logged_out: ({ reason }) => events.loggedOut(reason),
  message_received: said => events.messageReceived(said),
  message_skipped: ({ times }) => events.messageSkipped(times),
  message_moved: said => events.messageMoved(said),
  read_marked: ({ chat, keys }) => events.readMarked(chat, keys),
  call_came: said => events.callCame(said),
  restricted: ({ code, until }) => events.restricted(code, until),
  contact_linked: ({ lid, number }) => events.contactLinked(lid, number),
  answered: ({ request, result }) => events.answered(request, result),
  refused: ({ request, reason }) => events.refused(request, reason),
  typing: said => events.typing(said)
}

for (const line of linesOf('commands.jsonl')) {
  test(`the golden command is understood: ${line}`, () => assert.deepEqual(readCommand(line), JSON.parse(line)))
}

for (const line of linesOf('events.jsonl')) {
  const { epoch, seq, ...said } = JSON.parse(line)
  test(`the golden event is what we say: ${line.slice(0, 80)}`, () =>
    assert.deepEqual(BUILDERS[said.event](said), said))
}

test('every event of the connector has a golden line', () => {
  const golden = new Set(linesOf('events.jsonl').map(line => JSON.parse(line).event))
  assert.deepEqual([...golden].toSorted(), Object.keys(BUILDERS).toSorted())
  assert.equal(Object.keys(BUILDERS).length, Object.keys(events).length)
})

test('only spooled events carry a seq in the golden lines', () => {
  const kept = new Set([
    'paired',
    'opened',
    'closed',
    'logged_out',
    'message_received',
    'message_skipped',
    'message_moved',
    'read_marked',
    'call_came',
    'restricted',
    'contact_linked'
  ])
  for (const { event, seq } of linesOf('events.jsonl').map(line => JSON.parse(line))) {
    assert.equal(seq !== undefined, kept.has(event), event)
  }
})

test('the document of the protocol names every command and every event', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/reference/protocol.md'), 'utf8')
  for (const line of linesOf('commands.jsonl')) assert.ok(text.includes(`\`${JSON.parse(line).command}\``), line)
  for (const event of Object.keys(BUILDERS)) assert.ok(text.includes(`\`${event}\``), event)
})

test('a hello of an older front, which knows no link options, is understood', () => {
  assert.deepEqual(readCommand(JSON.stringify(GREETING)), GREETING)
})

test('an unknown message is one with an id; no other line is', () => {
  assert.deepEqual(readUnknownSend('{"command":"send","id":"A","chat":"1@lid","message":{"kind":"hologram"}}'), {
    id: 'A',
    chat: '1@lid'
  })
  for (const line of ['{"command":"sen', '{"command":"send"}', '{"command":"ask","id":"A"}', 'null', '[]'])
    assert.equal(readUnknownSend(line), null, line)
})

test('a front names so many events that it understands, and one more is refused', () => {
  const accepts = (/** @type {number} */ count) =>
    readCommand(JSON.stringify({ ...GREETING, understands: Array(count).fill('opened') })) !== null
  assert.ok(accepts(200))
  assert.ok(!accepts(201))
})

const SEND = { id: 'A', chat: '4915@s.whatsapp.net', typing: 0, onDoubt: 'resend', again: false }
/** @param {object} changes */
const send = changes => JSON.stringify({ command: 'send', ...SEND, message: { kind: 'text', text: 'Hi' }, ...changes })
const TARGET = { id: 'B', chat: '4915@s.whatsapp.net', sender: '4915@s.whatsapp.net' }

test('a send of an older front, which knows no deadlines, is understood', () => {
  assert.deepEqual(readCommand(send({})), JSON.parse(send({})))
})

test('a text of the largest size is sent, and one more character is refused', () => {
  const accepts = (/** @type {number} */ length) =>
    readCommand(send({ message: { kind: 'text', text: '\u0000'.repeat(length) } })) !== null
  assert.ok(accepts(65_536))
  assert.ok(!accepts(65_537))
})

test('so many people are mentioned, and one more is refused', () => {
  const accepts = (/** @type {number} */ count) =>
    readCommand(send({ message: { kind: 'text', text: '', mentions: Array(count).fill('1@lid') } })) !== null
  assert.ok(accepts(1_024))
  assert.ok(!accepts(1_025))
})

test('a chat is shown for 25 seconds that somebody types, and not for longer', () => {
  const accepts = (/** @type {number} */ seconds) =>
    readCommand(JSON.stringify({ command: 'type', chat: '1@lid', seconds, kind: 'text' })) !== null
  assert.ok(accepts(25))
  assert.ok(!accepts(25.1))
})

test('so many messages are marked as read at once, and one more is refused', () => {
  const key = { id: 'A', sender: '1@lid' }
  const accepts = (/** @type {number} */ count) =>
    readCommand(JSON.stringify({ command: 'mark_read', chat: '1@lid', keys: Array(count).fill(key) })) !== null
  assert.ok(accepts(1))
  assert.ok(accepts(1_000))
  assert.ok(!accepts(1_001))
  assert.ok(!accepts(0))
})

const NO_COMMANDS = [
  send({ id: '' }),
  send({ id: 'x'.repeat(201) }),
  send({ chat: 'status@broadcast' }),
  send({ chat: '4915@s.whatsapp.net\n' }),
  send({ typing: 26 }),
  send({ typing: -1 }),
  send({ typing: '1' }),
  send({ onDoubt: 'maybe' }),
  send({ again: null }),
  send({ until: -1 }),
  send({ until: null }),
  send({ message: null }),
  send({ message: { kind: 'text' } }),
  send({ message: { kind: 'toString', text: 'Hi' } }),
  send({ message: { kind: 'text', text: 'Hi', mentions: ['nobody'] } }),
  send({ message: { kind: 'text', text: 'Hi', replyTo: { id: 'B' } } }),
  send({ message: { kind: 'text', text: 'Hi', replyTo: { ...TARGET, text: 'x'.repeat(1_025) } } }),
  send({ message: { kind: 'reaction', emoji: '👍' } }),
  send({ message: { kind: 'reaction', emoji: 1, target: TARGET } }),
  send({ message: { kind: 'edit', target: TARGET } }),
  send({ message: { kind: 'revoke', target: { ...TARGET, fromMe: 'no' } } }),
  send({ message: { kind: 'location', location: { latitude: 91, longitude: 0 } } }),
  send({ message: { kind: 'location', location: { latitude: 0, longitude: null } } }),
  send({ message: { kind: 'contact', contact: { name: 'Ann', phoneNumbers: [1] } } }),
  '{"command":"type","chat":"1@lid","seconds":3,"kind":"dance"}',
  '{"command":"ask","request":"r","what":"weather","number":"15551234567"}',
  '{"command":"hello","front":"f","have":0,"epoch":1,"account":null,"restored":1}',
  'null',
  '{"command":"hel',
  '[]',
  '"close"',
  '{"command":"toString"}',
  '{"command":["close"]}',
  '{"command":"hello","front":"f"}',
  '{"command":"hello","front":"f","have":0,"epoch":1}',
  '{"command":"hello","front":"f","have":0,"epoch":1,"account":""}',
  '{"command":"hello","front":"f","have":0,"epoch":1,"account":null,"link":null}',
  '{"command":"hello","front":"f","have":0,"epoch":1,"account":null,"mayRegister":"no"}',
  '{"command":"set_link","link":{"version":"2.3000","deviceName":"Motte","proxy":null}}',
  '{"command":"set_link","link":{"version":null,"deviceName":"","proxy":null}}',
  '{"command":"ack","seq":"12"}',
  '{"command":"ack","seq":-1}',
  '{"command":"pair_by_code","request":"r","phoneNumber":"+15551234567"}'
]

for (const line of NO_COMMANDS) {
  test(`is no command: ${line}`, () => assert.equal(readCommand(line), null))
}
