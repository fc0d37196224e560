// @ts-check
/** Lines of a pipe. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openWriter, splitLines } from '../../../connector/ipc/pipes.js'
import { makeSession } from '../../support/connector/harness.js'

test('lines are read wherever the pipe cuts them', () => {
  /** @type {string[]} */
  const lines = []
  const hear = splitLines(line => lines.push(line))
  for (const piece of ['a', 'b\n', '\n\nc', 'd\ne\n', 'torn']) hear(piece)
  assert.deepEqual(lines, ['ab', 'cd', 'e'])
})

test('a line of as many characters as the limit is read', () => {
  /** @type {string[]} */
  const lines = []
  const hear = splitLines(line => lines.push(line), 10)
  for (const piece of [`${'x'.repeat(10)}\n`, 'y'.repeat(10), '\n']) hear(piece)
  assert.deepEqual(lines, ['x'.repeat(10), 'y'.repeat(10)])
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
