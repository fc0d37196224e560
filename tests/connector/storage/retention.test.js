// @ts-check
/** Texts in connector.db are erased once the front keeps them no longer. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openMessageSecrets } from '../../../connector/messages/message_secrets.js'
import { openSent } from '../../../connector/outbound/sent.js'
import { openConnectorDatabase } from '../../../connector/storage/database.js'
import { openRetention } from '../../../connector/storage/retention.js'
import { makeSession } from '../../support/connector/harness.js'

const CHAT = '4915112345678@s.whatsapp.net'
const POLL = { id: 'POLL', chat: CHAT, chatAlt: CHAT, sender: CHAT, senderAlt: CHAT }
const DAY_SECONDS = 86_400

/** @param {import('node:test').TestContext} t */
function open(t) {
  const { folder } = makeSession(t)
  const database = openConnectorDatabase(folder)
  t.after(() => database.close())
  let now = 1_000_000_000_000
  const sent = openSent(database)
  const secrets = openMessageSecrets(database.connection, { now: () => now })
  const retention = openRetention(database, [sent, secrets], { now: () => now })
  /** @param {string} id @param {string} text */
  const prepare = (id, text) => sent.prepare({ id, chat: CHAT, message: Buffer.from(text), at: now })
  return {
    sent,
    retention,
    prepare,
    /** @param {string} id @param {string} text */
    send(id, text) {
      prepare(id, text)
      sent.acknowledge(id, now)
    },
    poll: () => secrets.keep(POLL, { secret: Buffer.alloc(32, 7), options: ['Today', 'Tomorrow'] }),
    answers: () => secrets.find(POLL)[0]?.options,
    /** @param {number} milliseconds */
    wait: milliseconds => void (now += milliseconds),
    /** @param {string} text */
    isOnDisk: text => ['', '-wal'].some(suffix => readFileSync(join(folder, `connector.db${suffix}`)).includes(text))
  }
}

test('a text is kept as long as the front keeps it and not a millisecond longer; what became of it stays', t => {
  const { sent, retention, send, poll, answers, wait, isOnDisk } = open(t)
  retention.keepFor(60)
  send('A', 'a text that nobody is to find')
  poll()
  wait(60_000)
  retention.sweep()
  assert.ok(sent.protobuf('A'))
  assert.deepEqual(answers(), ['Today', 'Tomorrow'])
  assert.ok(isOnDisk('nobody is to find'))
  wait(1)
  retention.sweep()
  assert.equal(sent.protobuf('A'), null)
  assert.equal(sent.find('A')?.state, 1)
  assert.deepEqual(answers(), [])
  assert.ok(!isOnDisk('nobody is to find'))
  assert.ok(!isOnDisk('Tomorrow'))
})

test('nothing is kept for more than 30 days, however long the front keeps it', t => {
  const { sent, retention, send, wait } = open(t)
  retention.keepFor(365 * DAY_SECONDS)
  send('A', 'text')
  wait(30 * DAY_SECONDS * 1000)
  retention.sweep()
  assert.ok(sent.protobuf('A'))
  wait(1)
  retention.sweep()
  assert.equal(sent.protobuf('A'), null)
})

test('a message that WhatsApp may still take keeps its text until it is settled, or for seven days longer than others', t => {
  const { sent, retention, prepare, wait } = open(t)
  prepare('A', 'text')
  prepare('B', 'text')
  wait(7 * DAY_SECONDS * 1000 + 60_000)
  retention.keepFor(60)
  assert.deepEqual(Buffer.from(sent.protobuf('A') ?? ''), Buffer.from('text'))
  wait(1)
  retention.sweep()
  assert.equal(sent.find('B')?.state, 0)
  assert.equal(sent.protobuf('B'), null)
  sent.refuse('A', 0, { code: 'rejected', detail: 'no' })
  retention.sweep()
  assert.equal(sent.find('A')?.state, 2)
  assert.equal(sent.protobuf('A'), null)
})

test('what is older than the front keeps goes once the front says how long', t => {
  const { sent, retention, send, wait } = open(t)
  send('A', 'text')
  wait(61_000)
  assert.ok(sent.protobuf('A'))
  retention.keepFor(60)
  assert.equal(sent.protobuf('A'), null)
})
