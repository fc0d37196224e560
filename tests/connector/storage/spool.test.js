// @ts-check
/** The spool of a connector: events that wait for a front. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openConnectorDatabase } from '../../../connector/storage/database.js'
import { openSpool } from '../../../connector/storage/spool.js'
import { makeFolder, withDatabase } from '../../support/connector/databases.js'

test('seq grows for the life of the folder, also after acknowledgements', t => {
  const folder = makeFolder(t)
  withDatabase(folder, database => {
    const spool = openSpool(database)
    spool.append({ event: 'paired' })
    spool.append({ event: 'opened' })
    spool.forget(2)
  })
  withDatabase(folder, database => {
    const spool = openSpool(database)
    spool.append({ event: 'closed' })
    assert.deepEqual(spool.after(2, 10), [{ seq: 3, event: { event: 'closed' } }])
  })
})

test('a spool of as many bytes as the limit takes no more, and takes more again below the half', t => {
  withDatabase(makeFolder(t), database => {
    const event = { event: 'opened' }
    const bytes = JSON.stringify(event).length
    const spool = openSpool(database, { maxBytes: 4 * bytes })
    for (let n = 0; n < 3; n += 1) spool.append(event)
    assert.equal(spool.isFull(), false)
    spool.append(event)
    assert.equal(spool.isFull(), true)
    spool.forget(2)
    assert.equal(spool.hasRoom(), false)
    spool.forget(3)
    assert.equal(spool.hasRoom(), true)
  })
})

test('10,000 events wait for a front that understands them; one more, and the oldest is gone', t => {
  withDatabase(makeFolder(t), database => {
    const spool = openSpool(database)
    const withhold = (/** @type {object} */ event) => {
      spool.append(event)
      spool.withhold(spool.after(0, 1))
    }
    database.transaction(() => {
      for (let n = 0; n < 10_000; n++) withhold({ event: 'contact_linked', n })
    })
    spool.release(['call_came'])
    assert.deepEqual(spool.after(0, 1), [])
    withhold({ event: 'call_came', n: 10_000 })
    spool.release(['contact_linked', 'call_came'])
    const kept = spool.after(0, 20_000)
    assert.deepEqual(
      kept.map(({ event }) => event.n),
      Array.from({ length: 10_000 }, (_, n) => n + 1)
    )
    assert.ok(kept.every(({ seq }) => seq > 10_001))
  })
})

test('an acknowledged event is not sent again, and the next event removes it from the disk', t => {
  withDatabase(makeFolder(t), database => {
    const spool = openSpool(database)
    const kept = () =>
      database.connection
        .prepare('SELECT seq FROM spool')
        .all()
        .map(({ seq }) => seq)
    spool.append({ event: 'paired' })
    spool.append({ event: 'opened' })
    spool.forget(1)
    assert.deepEqual(spool.after(0, 10), [{ seq: 2, event: { event: 'opened' } }])
    assert.deepEqual(kept(), [1, 2])
    spool.append({ event: 'closed' })
    assert.deepEqual(kept(), [2, 3])
  })
})

test('an acknowledged event is removed from the disk soon, also without a next event', async t => {
  const folder = makeFolder(t)
  const database = openConnectorDatabase(folder)
  t.after(() => database.close())
  const spool = openSpool(database)
  spool.append({ event: 'paired' })
  spool.forget(1)
  const count = () => database.connection.prepare('SELECT count(*) AS count FROM spool').get()?.count
  const deadline = AbortSignal.timeout(5_000)
  while (count() !== 0) {
    deadline.throwIfAborted()
    await new Promise(resolve => setTimeout(resolve, 10))
  }
})
