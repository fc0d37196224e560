// @ts-check
/** A warm spare: what it does before it gets a session, and that it is the connector of one session afterwards. */

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import { makeSession, openFront, startConnector, startSandbox, startSpare } from '../../support/connector/harness.js'

/** Resolves once a spare waits for a session. @param {{folder: string}} session */
async function isWarm({ folder }) {
  while (!existsSync(join(folder, 'warm'))) await new Promise(next => setTimeout(next, 10))
}

/** @param {string} qrCode */
const keysOf = qrCode => qrCode.split(',').slice(1, 4)

describe('a warm spare', { concurrency: 3 }, () => {
  test('connects to nothing before it has a session, and its database is empty', async t => {
    const sandbox = await startSandbox(t)
    const session = makeSession(t, 'waiting')
    const front = openFront(t, session)
    const spare = startSpare(t, session, sandbox.environment)
    await isWarm(session)
    assert.deepEqual(readdirSync(session.folder), ['commands.fifo', 'connector.db', 'events.fifo', 'warm'])
    assert.throws(() => front.hello(), /no connector reads/)
    assert.equal((await sandbox.state()).registrations, 0)
    const database = new DatabaseSync(join(session.folder, 'connector.db'), { readOnly: true })
    for (const table of ['credentials', 'facts', 'spool', 'sent'])
      assert.equal(database.prepare(`SELECT COUNT(*) AS number FROM ${table}`).get()?.number, 0)
    database.close()
    assert.deepEqual(spare.output, { stdout: '', stderr: '' })
  })

  test('shows codes for the session that it gets, in the folder that was renamed', async t => {
    const sandbox = await startSandbox(t)
    const spare = startSpare(t, makeSession(t, 'waiting'), sandbox.environment)
    const session = await spare.give('shop')
    const front = openFront(t, session)
    await front.meet()
    await front.qr()
    assert.match(spare.output.stderr, /^session=shop epoch=1 level=info event=started$/m)
    assert.ok(readdirSync(session.folder).includes('connector.db'))
    assert.match(readFileSync(`/proc/${spare.child.pid}/cmdline`, 'utf8'), / shop\0*$/)
  })

  test('has keys that no other one has, and leaves them to the next process of its session', async t => {
    const sandbox = await startSandbox(t)
    const codes = []
    for (const id of ['shop', 'office']) {
      const spare = startSpare(t, makeSession(t, 'waiting'), sandbox.environment)
      const session = await spare.give(id)
      const front = openFront(t, session)
      await front.meet()
      codes.push(keysOf((await front.qr()).payload))
      spare.child.kill('SIGKILL')
      await spare.exit()
      startConnector(t, session, sandbox.environment)
      await front.meet()
      assert.deepEqual(keysOf((await front.qr()).payload), codes.at(-1))
    }
    assert.equal(new Set(codes.flat()).size, 6)
  })

  test('pairs like any other connector', async t => {
    const sandbox = await startSandbox(t)
    const spare = startSpare(t, makeSession(t, 'waiting'), sandbox.environment)
    const session = await spare.give('shop')
    const front = openFront(t, session)
    await front.meet()
    await sandbox.scan((await front.qr()).payload)
    await front.next('paired')
    assert.deepEqual(await spare.exit(), { code: 75, signal: null })
    startConnector(t, session, sandbox.environment)
    await front.meet(1, { epoch: 1, account: '15551234567' })
    await front.next('opened')
  })

  /** @type {Record<string, (child: import('node:child_process').ChildProcessWithoutNullStreams) => unknown>} */
  const endings = {
    SIGTERM: child => child.kill('SIGTERM'),
    'the end of its supervisor': child => child.stdin.end()
  }
  for (const [how, end] of Object.entries(endings)) {
    test(`ends with ${how}`, async t => {
      const session = makeSession(t, 'waiting')
      const spare = startSpare(t, session)
      await isWarm(session)
      end(spare.child)
      assert.deepEqual(await spare.exit(), { code: 0, signal: null })
    })
  }

  test('acts for no session whose name cannot be one', async t => {
    const session = makeSession(t, 'waiting')
    const spare = startSpare(t, session)
    await isWarm(session)
    spare.child.stdin.write('../other\n')
    assert.deepEqual(await spare.exit(), { code: 1, signal: null })
    assert.match(spare.output.stderr, /error=BadSetting/)
    assert.equal(readdirSync(join(session.state, 'sessions')).length, 1)
  })
})
