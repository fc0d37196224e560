// @ts-check
/** Queries that Baileys makes by itself: their failures end neither the process nor the session. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeWASocket } from '../../../connector/node_modules/baileys/lib/index.js'
import { DIRTY_EVENT, failureOf, isFailedQuery } from '../../../connector/session/own_queries.js'
import { openAccount, until } from '../../support/connector/account.js'
import { openPairedSession, startSandbox } from '../../support/connector/harness.js'
import { newDevice, openSandbox } from '../../support/connector/sandbox_client.js'

test('the listeners of Baileys that Motte replaces are those of dirty marks, and no others', async t => {
  const sandbox = await openSandbox(t)
  const socket = makeWASocket({ auth: newDevice(), waWebSocketUrl: sandbox.url })
  t.after(() => socket.end(undefined))
  const listeners = socket.ws.listeners(DIRTY_EVENT).map(String)
  const advice =
    'Baileys handles dirty marks in another way than 7.0.0-rc14: see connector/session/own_queries.js and docs/decisions/0016'
  for (const known of ["case 'account_sync':", 'groupFetchAllParticipating()', 'communityFetchAllParticipating()'])
    assert.ok(
      listeners.some(text => text.includes(known)),
      advice
    )
  assert.equal(listeners.length, 3, advice)
})

test('dirty marks are cleaned, though WhatsApp refuses every list of groups', async t => {
  const sandbox = await startSandbox(t)
  await sandbox.faults({ dirty: ['groups', 'communities', 'account_sync'], queryError: { kind: 'w:g2', code: 429 } })
  const { connector, front } = await openPairedSession(t, sandbox)
  const { cleaned } = await until(async () => {
    const state = await sandbox.state()
    return state.cleaned.length === 3 && state
  })
  assert.deepEqual(
    cleaned.map((/** @type {any} */ { type }) => type),
    ['groups', 'communities', 'account_sync']
  )
  await sandbox.drop()
  await front.next('opened')
  assert.equal(connector.child.exitCode, null)
  assert.ok(!connector.output.stderr.includes('query_failed'), connector.output.stderr)
})

for (const [what, faults] of Object.entries({
  'is refused': { queryError: { kind: 'urn:xmpp:whatsapp:dirty', code: 500 } },
  'is cut off': { queryCut: { value: { kind: 'urn:xmpp:whatsapp:dirty' }, times: 1 } }
})) {
  test(`a dirty mark whose cleaning ${what} is a line in the log, and is cleaned after the next login`, async t => {
    const sandbox = await startSandbox(t)
    await sandbox.faults({ dirty: 'groups', ...faults })
    const { connector, front } = await openPairedSession(t, sandbox)
    await connector.printed('query_failed')
    await sandbox.faults({ dirty: 'groups' })
    await sandbox.drop()
    await until(async () => (await sandbox.state()).cleaned.length === 1)
    await front.next('opened')
    assert.equal(connector.child.exitCode, null)
  })
}

test('other notifications do not wait for an app state that WhatsApp never sends', async t => {
  const sandbox = await startSandbox(t)
  const limits = { query: 0.2, handlers: { message: 1, afterStored: 1, other: 1 } }
  await openAccount(t, sandbox, limits)
  const queryError = { value: { kind: 'set encrypt registration', code: 500 }, times: 1 }
  await sandbox.faults({ silentQueries: 'w:sync:app:state', queryError })
  await sandbox.notify('app-state')
  await sandbox.notify('pre-keys')
  await until(async () => (await sandbox.state()).faults.queryError === undefined, 'the upload of pre-keys')
})

test('a failed query is distinguished from a bug', () => {
  const boom = (/** @type {number} */ statusCode, /** @type {any} */ data) =>
    Object.assign(new Error('Boom'), { isBoom: true, output: { statusCode }, data })
  assert.ok(isFailedQuery(boom(500, 429)))
  assert.ok(isFailedQuery(boom(428, null)))
  assert.ok(isFailedQuery(boom(408, { stack: '' })))
  assert.ok(isFailedQuery(1006))
  assert.ok(isFailedQuery(Object.assign(new Error('read ECONNRESET'), { syscall: 'read' })))
  assert.ok(isFailedQuery(new Error('WebSocket is not open: readyState 2 (CLOSING)')))
  for (const bug of [
    boom(401, null),
    new TypeError('x is not a function'),
    new Error('Unsupported state'),
    undefined,
    null,
    7,
    5000,
    '1006'
  ])
    assert.ok(!isFailedQuery(bug), String(bug))
  assert.deepEqual(failureOf(1006), { closed: 1006 })
  assert.deepEqual(failureOf(boom(500, 429)), { error: 'Error', message: 'Boom', code: 429 })
})

test('an unhandled failure of a query does not end the process, and a bug does', async t => {
  const sandbox = await startSandbox(t)
  const NODE_OPTIONS = `--import ${join(import.meta.dirname, '../../support/connector/rejections.js')}`
  const { connector } = await openPairedSession(t, sandbox, { NODE_OPTIONS })
  connector.child.kill('SIGUSR2')
  await connector.printed('closed=1006')
  await connector.printed('code=429')
  assert.equal(connector.child.exitCode, null)
  connector.child.kill('SIGHUP')
  assert.deepEqual(await connector.exit(), { code: 1, signal: null })
})
