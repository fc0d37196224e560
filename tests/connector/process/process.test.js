// @ts-check
/** The connector as a process: its locks, signals, exit codes and output. */

import assert from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import {
  makeSession,
  openFront,
  openPairedSession,
  openUnpairedSession,
  startConnector,
  startSandbox
} from '../../support/connector/harness.js'

describe('the process', { concurrency: 3 }, () => {
  test('a second connector on the same folder exits with 70, and the first goes on', async t => {
    const sandbox = await startSandbox(t)
    const { session, front, connector: first } = await openUnpairedSession(t, sandbox)
    const second = startConnector(t, session, sandbox.environment)
    assert.deepEqual(await second.exit(), { code: 70, signal: null })
    front.hello()
    await front.next('ready')
    assert.equal(first.child.exitCode, null)
  })

  test('it ends with its stdin, because its supervisor has died', async t => {
    const session = makeSession(t)
    const front = openFront(t, session)
    const connector = startConnector(t, session, { MOTTE_WHATSAPP_URL: 'ws://127.0.0.1:9/ws/chat' })
    await front.next('up')
    connector.child.stdin.end()
    assert.deepEqual(await connector.exit(), { code: 0, signal: null })
  })

  test('SIGTERM ends it, and the account stays linked', async t => {
    const sandbox = await startSandbox(t)
    const { session, front, connector, settings } = await openPairedSession(t, sandbox)
    connector.child.kill('SIGTERM')
    assert.deepEqual(await connector.exit(), { code: 0, signal: null })
    startConnector(t, session, settings)
    assert.equal((await front.meet(2)).phase, 'reconnecting')
    await front.next('opened')
  })

  test('close puts an unpaired connector to sleep at once', async t => {
    const sandbox = await startSandbox(t)
    const { front, connector } = await openUnpairedSession(t, sandbox)
    await front.qr()
    const askedAt = performance.now()
    front.say({ command: 'close' })
    assert.deepEqual(await connector.exit(), { code: 0, signal: null })
    assert.ok(performance.now() - askedAt < 500)
  })

  test('an account that was unlinked while no front was there is reported after a hello', async t => {
    const sandbox = await startSandbox(t)
    const { session, front, connector } = await openPairedSession(t, sandbox)
    connector.child.kill('SIGTERM')
    await connector.exit()
    await sandbox.unlink('15551234567')
    const last = startConnector(t, session, sandbox.environment)
    await front.next('up')
    front.hello(2, { epoch: 2, account: '15551234567' })
    assert.equal((await front.next('logged_out')).reason.code, 'logged-out')
    assert.equal((await last.exit()).code, 0)
  })

  test('an unpaired connector asks for no code until a front says hello', async t => {
    const sandbox = await startSandbox(t)
    const session = makeSession(t)
    const connector = startConnector(t, session, sandbox.environment)
    await connector.printed('started')
    const front = openFront(t, session)
    await new Promise(next => setTimeout(next, 100))
    assert.equal((await sandbox.state()).registrations, 0)
    while (!isHeard(front)) await new Promise(next => setTimeout(next, 10))
    await front.qr()
    assert.equal((await sandbox.state()).registrations, 1)
  })

  test('a bad setting ends it with exit code 1 and a line that names the setting', async t => {
    const connector = startConnector(t, makeSession(t), { MOTTE_WHATSAPP_ROOT_KEY: 'abc' })
    assert.equal((await connector.exit()).code, 1)
    assert.match(connector.output.stderr, /^level=error .*MOTTE_WHATSAPP_ROOT_KEY must be a public key.*\n$/)
  })

  test('with JSON logs every line is an object, also the first one', async t => {
    const sandbox = await startSandbox(t)
    const { front, connector } = await openUnpairedSession(t, sandbox, { MOTTE_LOG_FORMAT: 'json' })
    await front.next('qr_issued')
    connector.child.kill('SIGTERM')
    await connector.exit()
    const lines = connector.output.stderr
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    assert.ok(lines.every(({ level, session, epoch }) => level === 'INFO' && session === 'shop' && epoch === 1))
    assert.deepEqual([lines[0].event, lines.at(-1).event], ['started', 'ended'])
    assert.ok(lines.some(({ event }) => event === 'qr_issued'))
  })

  test('with JSON logs a bad setting is reported as JSON', async t => {
    const connector = startConnector(t, makeSession(t), { MOTTE_WHATSAPP_URL: 'http://x', MOTTE_LOG_FORMAT: 'json' })
    await connector.exit()
    assert.match(JSON.parse(connector.output.stderr).message, /MOTTE_WHATSAPP_URL must be/)
  })

  test('torn and garbage commands are counted and skipped', async t => {
    const sandbox = await startSandbox(t)
    const session = makeSession(t)
    const front = openFront(t, session)
    const connector = startConnector(t, session, sandbox.environment)
    await front.next('up')
    front.write('{"command":"hello","fro\n\u0000\u0001 secret-garbage\n[]\n{"command":"dance"}')
    front.write(`{"command":"${'x'.repeat(100_000)}"}`)
    front.hello()
    await front.next('snapshot')
    assert.match(connector.output.stderr, /event=command_unreadable count=4/)
    assert.ok(!connector.output.stderr.includes('secret-garbage'))
  })

  test('fronts may come and go', async t => {
    const sandbox = await startSandbox(t)
    const session = makeSession(t)
    const first = openFront(t, session)
    startConnector(t, session, sandbox.environment)
    await first.meet()
    await first.next('qr_issued')
    first.close()
    for (const name of ['front-2', 'front-3']) {
      const next = openFront(t, session, { name })
      next.hello()
      assert.equal((await next.next('ready')).front, name)
      assert.equal((await next.next('snapshot')).phase, 'qr')
      next.close()
    }
  })

  test('it prints no secret between the first code and the open connection', async t => {
    const sandbox = await startSandbox(t)
    const { session, front, first, connector } = await openPairedSession(t, sandbox)
    connector.child.kill('SIGTERM')
    await connector.exit()
    const printed = first.output.stderr + connector.output.stderr
    const secrets = [...codesIn(front.heard), ...keysOf(session.folder)]
    assert.ok(secrets.length > 800, 'the keys were found')
    assert.equal(first.output.stdout + connector.output.stdout, '')
    assert.deepEqual(
      secrets.filter(secret => printed.includes(secret)),
      []
    )
    assert.ok(!printed.includes('15551234567'))
  })

  test('only its user can read its files', async t => {
    const { session } = await openPairedSession(t, await startSandbox(t))
    for (const name of readdirSync(session.folder))
      assert.equal(statSync(join(session.folder, name)).mode & 0o077, 0, name)
  })
})

/** Whether a connector is there that a hello reaches. @param {ReturnType<typeof openFront>} front */
function isHeard(front) {
  try {
    front.hello()
    return true
  } catch {
    return false
  }
}

/** Every part of every code, with the secrets in it. @param {any[]} heard */
function codesIn(heard) {
  return heard
    .flatMap(({ payload, qr }) => (payload ?? qr?.payload ?? '').split(/[#,]/))
    .filter(part => part.length > 8)
}

/** Every key that the connector has stored, as text of several kinds. @param {string} folder */
function keysOf(folder) {
  const database = new DatabaseSync(join(folder, 'connector.db'), { readOnly: true })
  const rows = database.prepare('SELECT value FROM credentials').all()
  database.close()
  const keys = rows.flatMap(({ value }) =>
    [...String(value).matchAll(/"([A-Za-z0-9+/]{20,}=*)"/g)].map(([, key]) => key)
  )
  return keys.flatMap(key => [key, Buffer.from(key, 'base64').toString('hex')])
}
