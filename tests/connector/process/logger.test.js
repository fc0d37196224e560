// @ts-check
/** Log lines, and what they may quote of an error. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asJson, createLog, harmless } from '../../../connector/process/logger.js'

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

for (const format of [undefined, asJson])
  test(`no control character of another's text reaches a log line (${format?.name ?? 'asText'})`, () => {
    const text = 'a\u001b[2Jb\u009b31mc\u202ed\u2028e\u007ff\u{e0001}g\nh\ud800'
    /** @type {string[]} */
    const lines = []
    createLog({}, line => lines.push(line), format).info('link_ended', { detail: text })
    const [line, rest] = lines[0].split('\n')
    assert.equal(rest, '')
    assert.match(line, /^\P{C}*$/u)
    const said = format ? JSON.parse(line).detail : JSON.parse(line.slice(line.indexOf('detail=') + 'detail='.length))
    assert.equal(said, text)
  })
