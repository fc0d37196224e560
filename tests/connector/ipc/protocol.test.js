// @ts-check
/** Commands and events against the golden lines, which the front's tests read too. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readCommand } from '../../../connector/ipc/commands.js'
import * as events from '../../../connector/ipc/events.js'

/** @param {string} name */
const linesOf = name =>
  readFileSync(join(import.meta.dirname, '../../protocol', name), 'utf8')
    .trimEnd()
    .split('\n')

/** Builds each event of the golden lines from what it says. @type {Record<string, (said: any) => object>} */
const BUILDERS = {
  up: () => events.up(),
  ready: ({ front }) => events.ready(front),
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
  message_skipped: ({ times }) => events.messageSkipped(times)
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
  const kept = new Set(['paired', 'opened', 'closed', 'logged_out', 'message_received', 'message_skipped'])
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
  const hello = { command: 'hello', front: 'f', have: 0, epoch: 1, account: null }
  assert.deepEqual(readCommand(JSON.stringify(hello)), hello)
})

const NO_COMMANDS = [
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
