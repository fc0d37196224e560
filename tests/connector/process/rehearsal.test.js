// @ts-check
/** The rehearsal of a warm spare: what it leaves to the session that gets the process. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { rehearse } from '../../../connector/process/rehearsal.js'
import { readSharedSettings } from '../../../connector/settings.js'
import { makeSession } from '../../support/connector/harness.js'

test('a rehearsal without an answer in time leaves no socket that ends later', async t => {
  const { folder } = makeSession(t, 'waiting')
  /** @type {import('node:http').ClientRequest[]} */
  const requests = []
  const agent = /** @type {any} */ ({
    protocol: 'http:',
    addRequest: (/** @type {import('node:http').ClientRequest} */ request) => requests.push(request)
  })
  const shared = readSharedSettings({ MOTTE_WHATSAPP_URL: 'ws://127.0.0.1:1/' })
  await rehearse(folder, shared, { tunnel: { agent, blame: how => how }, timeoutMs: 50 })
  assert.equal(requests.length, 1)
  requests[0]?.destroy(new Error('refused at last'))
  await delay(50) // what the end causes would be an unhandled error of this test
  assert.deepEqual(readdirSync(folder), ['commands.fifo', 'events.fifo'])
})
