// @ts-check
/** Small parts: back-off, watchdog, lines of a pipe, log lines. */

import '../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { createBackoff } from '../../connector/session/backoff.js'
import { asJson, createLog, harmless } from '../../connector/process/logger.js'
import { splitLines, openWriter } from '../../connector/ipc/pipes.js'
import { createWatchdog } from '../../connector/session/watchdog.js'
import { makeSession } from '../support/connector/harness.js'

test('the delay doubles from one second to five minutes', () => {
  const backoff = createBackoff({ random: () => 0.5 })
  assert.deepEqual(
    Array.from({ length: 11 }, () => backoff.next(0)),
    [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
  )
})

test('delays vary at random by a tenth', () => {
  assert.equal(createBackoff({ random: () => 0 }).next(0), 0.9)
  assert.equal(createBackoff({ random: () => 1 }).next(0), 1.1)
})

test('the delays start again after a connection that was open for long, and only then', () => {
  const backoff = createBackoff({ random: () => 0.5 })
  assert.deepEqual([backoff.next(0), backoff.next(5), backoff.next(31), backoff.next(-Infinity)], [1, 2, 1, 2])
})

test('a watchdog reports only what it expects last, when that is late', () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  /** @type {string[]} */
  const barks = []
  const watchdog = createWatchdog((/** @type {string} */ missed) => barks.push(missed))
  watchdog.expect('code', 10)
  mock.timers.tick(9_999)
  watchdog.expect('login', 30)
  mock.timers.tick(29_999)
  assert.deepEqual(barks, [])
  mock.timers.tick(1)
  assert.deepEqual(barks, ['login'])
  watchdog.expect('nothing', 1)
  watchdog.stop()
  mock.timers.tick(60_000)
  assert.deepEqual(barks, ['login'])
  mock.timers.reset()
})

test('lines are read wherever the pipe cuts them', () => {
  /** @type {string[]} */
  const lines = []
  const hear = splitLines(line => lines.push(line))
  for (const piece of ['a', 'b\n', '\n\nc', 'd\ne\n', 'torn']) hear(piece)
  assert.deepEqual(lines, ['ab', 'cd', 'e'])
})

test('a line that is too long is dropped at once, and the next one is read', () => {
  /** @type {string[]} */
  const lines = []
  const hear = splitLines(line => lines.push(line), 10)
  for (const piece of ['x'.repeat(11), 'y'.repeat(11), 'tail\nshort\n', `${'z'.repeat(11)}\n`, 'end\n']) hear(piece)
  assert.deepEqual(lines, ['short', 'end'])
})

test('a pipe without a reader gives no writer', t => {
  const { folder } = makeSession(t)
  assert.equal(openWriter(`${folder}/events.fifo`, { onDrain() {}, onLost() {} }), null)
})

test('a log line begins with its session and quotes values with spaces', () => {
  /** @type {string[]} */
  const lines = []
  const log = createLog({}, line => lines.push(line)).with({ session: 'shop', epoch: 3 })
  log.warning('link_ended', { detail: 'the connection was lost', nothing: null })
  assert.deepEqual(lines, ['session=shop epoch=3 level=warning event=link_ended detail="the connection was lost"\n'])
})

test("a JSON log line has the members of the front's lines", () => {
  /** @type {string[]} */
  const lines = []
  const log = createLog({}, line => lines.push(line), asJson).with({ session: 'shop', epoch: 3 })
  log.warning('link_ended', {
    code: 428,
    detail: 'two words, a "quote" and\na line',
    nothing: null,
    missing: undefined
  })
  const [line, ...rest] = lines.join('').split('\n')
  const { time, ...said } = JSON.parse(line)
  assert.deepEqual(rest, [''])
  assert.deepEqual(Object.entries(said), [
    ['level', 'WARNING'],
    ['logger', 'connector'],
    ['session', 'shop'],
    ['epoch', 3],
    ['event', 'link_ended'],
    ['code', 428],
    ['detail', 'two words, a "quote" and\na line']
  ])
  assert.equal(time, new Date(time).toISOString())
})

test('the message of an error is shown unless it may hold a secret', () => {
  assert.deepEqual(harmless(new TypeError('x is not a function')), {
    error: 'TypeError',
    message: 'x is not a function'
  })
  for (const secret of ['2nT1mZr0vXo5nB3lqk8Jc1d9ZqL0aXk3uWm2fQb7yEo=', '15551234567', 'ann@s.whatsapp.net']) {
    assert.equal(harmless(new Error(`no session for ${secret}`)).message, '(withheld)')
  }
  assert.deepEqual(harmless('a string'), { error: 'string', message: '(withheld)' })
})
