// @ts-check
/** Damaged folders of a session: no socket is opened, no device registered, no file overwritten. */

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import {
  makeSession,
  openFront,
  openPairedSession,
  startConnector,
  startSandbox
} from '../../support/connector/harness.js'

const ANN = '15551234567'

/** @typedef {import('node:test').TestContext} TestContext */

/** What one pairing left, copied for each test. @type {{sandbox: import('../../support/connector/harness.js').Sandbox, credentials: Buffer}} */
let pairing

/** @type {(() => unknown)[]} */
const ends = []
after(async () => {
  for (const end of ends.toReversed()) await end()
})

before(async () => {
  const after = (/** @type {() => unknown} */ end) => void ends.push(end)
  const context = /** @type {TestContext} */ (/** @type {unknown} */ ({ after }))
  const sandbox = await startSandbox(context)
  const { session, connector } = await openPairedSession(context, sandbox)
  connector.child.kill('SIGTERM')
  await connector.exit()
  pairing = { sandbox, credentials: readFileSync(join(session.folder, 'connector.db')) }
})

/** A session that was paired, with nothing running. @param {TestContext} t */
function paired(t) {
  const { sandbox, credentials } = pairing
  const session = makeSession(t)
  const front = openFront(t, session)
  const database = join(session.folder, 'connector.db')
  writeFileSync(database, credentials, { mode: 0o600 })
  /** Another start, met by a front that knows the account; how it ended. @param {object} [known] */
  const start = async (known = {}) => {
    const again = startConnector(t, session, sandbox.environment)
    void front.next('up').then(
      () => front.hello(2, { epoch: 2, account: ANN, ...known }),
      () => {}
    )
    const { code } = await again.exit()
    return { code, printed: again.output.stderr }
  }
  /** Asserts that WhatsApp got no registration and no login. */
  const unchanged = async () => {
    const { registrations, devices } = await sandbox.state()
    assert.deepEqual([registrations, devices.length], [1, 1])
  }
  return { sandbox, session, front, database, start, unchanged }
}

/** @param {string} path @param {string} sql */
function change(path, sql) {
  const database = new DatabaseSync(path)
  database.exec(sql)
  database.close()
}

/** @type {[what: string, lose: (path: string) => void][]} */
const LOSSES = [
  ['deleted', path => rmSync(path)],
  ['empty', path => truncateSync(path)],
  ['without credentials', path => change(path, 'DELETE FROM credentials')],
  [
    'without an account',
    path => change(path, "UPDATE credentials SET value = json_remove(value, '$.account') WHERE kind = 'creds'")
  ]
]

/** @type {[what: string, spoil: (path: string) => void][]} */
const DAMAGES = [
  ['truncated', path => truncateSync(path, statSync(path).size - 5000)],
  ['cut to half a page', path => truncateSync(path, 2000)],
  ['overwritten', path => writeFileSync(path, 'no database at all '.repeat(1000))],
  ['spoiled in one page', path => spoilPage(path, 3)],
  [
    'with credentials that are no JSON',
    path => change(path, "UPDATE credentials SET value = '{\"noiseKey\":' WHERE kind = 'creds'")
  ],
  ['with credentials that lack a key', path => change(path, "UPDATE credentials SET value = '{}' WHERE kind = 'creds'")]
]

/** @param {string} path @param {number} number */
function spoilPage(path, number) {
  const bytes = readFileSync(path)
  bytes.fill(0xa5, number * 4096, number * 4096 + 64)
  writeFileSync(path, bytes)
}

describe('a folder of a paired account', () => {
  for (const [what, lose] of LOSSES) {
    test(`whose connector.db is ${what} ends with 78 and registers nothing`, async t => {
      const { database, start, unchanged } = paired(t)
      lose(database)
      const { code, printed } = await start()
      assert.deepEqual([code, /event=credentials_lost/.test(printed)], [78, true], printed)
      await unchanged()
    })
  }

  for (const [what, spoil] of DAMAGES) {
    test(`whose connector.db is ${what} ends with 79, registers nothing and leaves the file`, async t => {
      const { database, start, unchanged } = paired(t)
      spoil(database)
      const before = readFileSync(database)
      const { code, printed } = await start()
      assert.deepEqual([code, /event=record_corrupted/.test(printed)], [79, true], printed)
      if (!what.startsWith('with credentials')) assert.ok(before.equals(readFileSync(database)))
      await unchanged()
    })
  }

  test("that has another account's credentials ends with 78", async t => {
    const { start, unchanged } = paired(t)
    assert.equal((await start({ account: '15550000000' })).code, 78)
    await unchanged()
  })

  test('that a newer program wrote ends with 80 and stays as it is', async t => {
    const { database, start, unchanged } = paired(t)
    change(database, 'PRAGMA user_version = 999')
    const before = readFileSync(database)
    assert.equal((await start()).code, 80)
    assert.ok(before.equals(readFileSync(database)))
    await unchanged()
  })

  test('whose connector.db is a folder is tried again, with 74', async t => {
    const { database, start, unchanged } = paired(t)
    rmSync(database)
    mkdirSync(database)
    assert.equal((await start()).code, 74)
    await unchanged()
  })

  test('that was restored from a backup opens again, and its events are sent', async t => {
    const { sandbox, session, front } = paired(t)
    startConnector(t, session, sandbox.environment)
    await front.meet(70, { epoch: 90, account: ANN })
    const { epoch, seq } = await front.next('opened')
    assert.deepEqual([epoch, seq], [91, 71])
  })

  test('whose lock is garbage opens', async t => {
    const { sandbox, session, front } = paired(t)
    writeFileSync(join(session.folder, 'lock'), 'no lock at all '.repeat(1000))
    startConnector(t, session, sandbox.environment)
    await front.meet(2, { epoch: 2, account: ANN })
    await front.next('opened')
    assert.equal((await startConnector(t, session, sandbox.environment).exit()).code, 70)
  })

  test('whose logout the front has not acknowledged sends it again, and ends with 0', async t => {
    const { database, front, start, unchanged } = paired(t)
    change(
      database,
      `DELETE FROM credentials; INSERT INTO spool (event) VALUES ('{"event":"logged_out","epoch":2,"reason":{"code":"asked","detail":""}}')`
    )
    assert.equal((await start()).code, 0)
    assert.equal((await front.next('logged_out')).reason.code, 'asked')
    await unchanged()
  })
})

test('an unpaired session whose connector.db is gone gets a new code', async t => {
  const { sandbox, database, session, front } = paired(t)
  rmSync(database)
  startConnector(t, session, sandbox.environment)
  await front.meet(4, { epoch: 7 })
  await front.qr()
  assert.equal((await sandbox.state()).registrations, 2)
})
