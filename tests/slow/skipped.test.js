// @ts-check
/** Messages that take too long, by the limits of the product: seconds as they are. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openAccount } from '../support/connector/account.js'
import { startSandbox } from '../support/connector/harness.js'

const BO = '4915112345678'
const CY = '4915187654321'

/** Seconds until `look` is true. @param {() => boolean} look @param {number} within seconds */
async function seconds(look, within) {
  const began = performance.now()
  const passed = () => (performance.now() - began) / 1000
  while (!look()) {
    if (passed() > within) throw new Error(`not within ${within} s: ${look}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  return passed()
}

test('a sender that cannot be looked up holds up the messages for ten seconds', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  await sandbox.faults({ silentQueries: 'usync' })
  await sandbox.send({ from: BO, id: 'one', text: 'one', hasOneAddress: true })
  await sandbox.send({ from: CY, id: 'two', text: 'two' })
  const waited = await seconds(() => account.texts().length === 2, 15)
  process.stdout.write(`a look-up without an answer: ${waited.toFixed(1)} s\n`)
  assert.deepEqual(account.texts(), ['one', 'two'])
  assert.deepEqual(account.named('message_skipped'), [])
})

test('a message that hangs holds up the others for twenty seconds, and comes once a minute later', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  await sandbox.faults({ silentQueries: 'w:sync:app:state' })
  await sandbox.notify('app-state')
  await new Promise(resolve => setTimeout(resolve, 500)) // the retry receipt of what cannot be read waits for it
  await sandbox.send({ from: BO, id: 'hangs', text: 'hangs', isCorrupt: true })
  await sandbox.send({ from: CY, id: 'quick', text: 'quick' })
  const waited = await seconds(() => account.texts().includes('quick'), 25)
  const came = await seconds(() => account.texts().includes('hangs'), 75)
  process.stdout.write(`behind one that hangs: ${waited.toFixed(1)} s; the one that hung: ${came.toFixed(1)} s later\n`)
  assert.deepEqual(account.texts(), ['quick', 'hangs'])
  assert.deepEqual(
    account.named('closed').map(({ reason }) => reason.code),
    ['message-skipped']
  )
})
