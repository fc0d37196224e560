// @ts-check
/** Messages that take too long on real Baileys: the others arrive, and so do they, once. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openAccount, until } from '../../support/connector/account.js'
import { startSandbox } from '../../support/connector/harness.js'

const BO = '4915112345678'
const CY = '4915187654321'

/** Limits in seconds, shorter than the real ones. */
const SHORT = { handlers: { message: 0.5, afterStored: 5, other: 5 }, reopenDelay: 1 }

/** The receipts that a phone got for its messages. @param {import('../../support/connector/harness.js').Sandbox} sandbox @param {string} phoneNumber */
const receiptsOf = async (sandbox, phoneNumber) =>
  (await sandbox.phone(phoneNumber)).receipts.map((/** @type {any} */ { id, type }) => `${id} ${type}`)

test('a message whose sender cannot be looked up is skipped, and comes once on the next socket', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox, SHORT)
  await sandbox.faults({ silentUsers: [BO] })
  await sandbox.send({ from: BO, id: 'slow', text: 'slow', hasOneAddress: true })
  await until(() => account.session().headAge() > 0)
  await sandbox.send({ from: CY, id: 'quick', text: 'quick' })
  await until(() => account.texts().includes('quick'))
  assert.deepEqual(account.texts(), ['quick'])
  assert.deepEqual(account.named('message_skipped'), [{ event: 'message_skipped', times: 1 }])
  assert.equal(account.session().headAge(), 0)
  await sandbox.faults({})
  await until(() => account.texts().includes('slow'))
  await until(() => account.named('opened').length === 2)
  assert.deepEqual(
    account.named('closed').map(({ reason }) => reason.code),
    ['message-skipped']
  )
  await until(async () => (await receiptsOf(sandbox, BO)).length > 0)
  assert.deepEqual(await receiptsOf(sandbox, BO), ['slow inactive'])
  assert.deepEqual(account.texts(), ['quick', 'slow'])
})

test('the handler of a skipped message saves nothing later, and sends nothing to WhatsApp', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox, { ...SHORT, query: 1, reopenDelay: 60 })
  await sandbox.faults({ silentUsers: [BO] })
  await sandbox.send({ from: BO, id: 'slow', text: 'slow', hasOneAddress: true })
  await until(() => account.named('message_skipped').length > 0)
  await new Promise(resolve => setTimeout(resolve, 1000)) // its look-up is given up meanwhile, and it is decrypted
  await sandbox.send({ from: CY, id: 'quick', text: 'quick' })
  await until(() => account.texts().includes('quick'))
  assert.deepEqual(account.texts(), ['quick'])
  assert.deepEqual(await receiptsOf(sandbox, BO), [])
})

test('a message whose sender cannot be looked up in time is reported by the telephone number, and no account is looked up twice', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox, { query: 0.5 })
  await sandbox.faults({ silentUsers: [BO] })
  const sentAt = performance.now()
  for (const text of ['one', 'two', 'three']) await sandbox.send({ from: BO, id: text, text, hasOneAddress: true })
  await until(() => account.texts().length === 3)
  assert.deepEqual(account.texts(), ['one', 'two', 'three'])
  assert.ok(performance.now() - sentAt < 2 * 500)
  assert.deepEqual(account.named('message_skipped'), [])
})

test('a look-up that is answered with an error does not make WhatsApp forget the message', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox)
  await sandbox.faults({ queryError: { kind: 'usync', code: 429 } })
  await sandbox.send({ from: BO, id: 'one', text: 'one', hasOneAddress: true })
  await until(() => account.texts().length === 1)
  await until(async () => (await receiptsOf(sandbox, BO)).length > 0)
  assert.deepEqual(await receiptsOf(sandbox, BO), ['one inactive'])
})

test('a message that is skipped three times waits for the next login', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox, { ...SHORT, reopenDelay: 0.2 })
  await sandbox.faults({ silentUsers: [BO] })
  await sandbox.send({ from: BO, id: 'slow', text: 'slow', hasOneAddress: true })
  await until(() => account.named('message_skipped').length === 3)
  await new Promise(resolve => setTimeout(resolve, 500))
  assert.deepEqual(
    account.named('message_skipped').map(({ times }) => times),
    [1, 2, 3]
  )
  assert.equal(account.named('closed').length, 2)
  assert.equal(account.session().snapshot().phase, 'open')
})

test('while too many messages wait for the front WhatsApp keeps the rest, and all come once and in order', async t => {
  const sandbox = await startSandbox(t)
  const account = await openAccount(t, sandbox, SHORT, { maxBytes: 4_000 })
  const texts = Array.from({ length: 12 }, (_, n) => `${n} ${'x'.repeat(300)}`)
  for (const [n, text] of texts.entries()) await sandbox.send({ from: BO, id: `M${n}`, text })
  await until(() => account.logged.some(line => line.includes('spool_full')))
  assert.ok(account.texts().length < 8)
  assert.equal(account.session().snapshot().phase, 'open')
  /** @type {string[]} */
  const taken = []
  await until(() => {
    const events = account.spool.after(0, 1_000)
    account.spool.forget(events.at(-1)?.seq ?? 0)
    taken.push(...events.flatMap(({ event }) => (event.event === 'message_received' ? [event.text] : [])))
    return taken.length >= texts.length
  })
  assert.deepEqual(taken, texts)
})
