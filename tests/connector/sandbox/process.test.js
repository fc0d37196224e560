// @ts-check
/** The sandbox as its own process. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { connect, controlOf, temporaryFile } from '../../support/connector/sandbox_client.js'

/** @import { TestContext } from 'node:test' */

const MAIN = join(import.meta.dirname, '../../../connector/sandbox/main.js')

test('it announces its address in one line, and in a file that only its owner can read', async t => {
  const file = await temporaryFile(t)
  const { announcement } = await run(t, '--announce', file)
  assert.match(announcement.url, /^ws:\/\/127\.0\.0\.1:[1-9]\d*\/ws\/chat$/)
  assert.equal(announcement.rootKey.length, 64)
  assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), announcement)
  assert.equal((await stat(file)).mode & 0o777, 0o600)
})

test('stdout carries only the announcement', async t => {
  const { child, lines, announcement } = await run(t)
  await registered(t, announcement)
  child.kill('SIGTERM')
  await once(child, 'exit')
  assert.equal(lines.length, 1)
})

test('it treats codes as dead when Motte, which started it with MOTTE_QR_LIFETIME, shows the next one', async t => {
  process.env.MOTTE_QR_LIFETIME = '3'
  const { announcement } = await run(t).finally(() => delete process.env.MOTTE_QR_LIFETIME)
  const { ask, put } = controlOf(announcement.controlUrl)
  assert.deepEqual((await ask('GET', 'state')).body.settings.qrLifetimes, [3])
  assert.deepEqual((await put('settings', { refs: 4 })).body.qrLifetimes, [3])
  assert.deepEqual((await put('settings', { qrLifetimes: [5] })).body.qrLifetimes, [5])
})

test('SIGTERM ends it within a second, also with open connections', async t => {
  const { child, announcement } = await run(t)
  await registered(t, announcement)
  await controlOf(announcement.controlUrl).put('faults', { halfDead: true })
  await connect(t, announcement.url)
  const asked = performance.now()
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'exit'), [0, null])
  assert.ok(performance.now() - asked < 1000)
})

test('it ends with its stdin if the option is set', async t => {
  const { child } = await run(t, '--exit-with-stdin')
  child.stdin.end()
  assert.deepEqual(await once(child, 'exit'), [0, null])
})

test('an option chooses another root', async t => {
  const { announcement } = await run(t, '--root-seed', 'mine')
  assert.notEqual(announcement.rootKey, '32b72245295648cf426d8aa686e48700e230f365568462c82de614f18c5c0539')
})

for (const options of [['--listen', 'nowhere'], ['--listen', '127.0.0.1:99999'], ['--loud']]) {
  test(`${options.join(' ')} is refused with a hint`, async t => {
    const { code, text } = await fail(t, ...options)
    assert.equal(code, 64)
    assert.match(text, /usage: /)
  })
}

test('a port that is in use is reported', async t => {
  const { announcement } = await run(t)
  const { code, text } = await fail(t, '--listen', new URL(announcement.url).host)
  assert.equal(code, 1)
  assert.match(text, /EADDRINUSE/)
})

/**
 * @param {TestContext} t
 * @param {string[]} options
 */
async function run(t, ...options) {
  const program = [MAIN, '--listen', '127.0.0.1:0', ...options]
  const child = spawn(process.execPath, program, { stdio: ['pipe', 'pipe', 'ignore'] })
  t.after(() => child.kill('SIGKILL'))
  /** @type {string[]} */
  const lines = []
  const reader = createInterface(child.stdout).on('line', line => lines.push(line))
  const [line] = await once(reader, 'line')
  return { child, lines, announcement: JSON.parse(line) }
}

/**
 * Runs it in a way in which it cannot start.
 * @param {TestContext} t
 * @param {string[]} options
 */
async function fail(t, ...options) {
  const child = spawn(process.execPath, [MAIN, ...options], { stdio: ['ignore', 'ignore', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  const [[code], said] = await Promise.all([once(child, 'exit'), child.stderr.toArray()])
  return { code, text: said.join('') }
}

/**
 * @param {TestContext} t
 * @param {{ url: string }} announcement
 */
async function registered(t, { url }) {
  const client = await connect(t, url)
  await client.qr()
}
