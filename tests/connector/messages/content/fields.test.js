// @ts-check
/** Every field of WhatsApp's protobuf is decided, and docs/reference/messages.md says what becomes of it. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { PROTOCOL_TYPES } from '../../../../connector/messages/content/actions.js'
import { ENVELOPE, FIELDS, NOTHING } from '../../../../connector/messages/content/fields.js'
import { read } from '../../../support/connector/contents.js'
import { MESSAGE, valuesOf } from '../../../support/connector/descriptors.js'

const PAGE = readFileSync(join(import.meta.dirname, '../../../../docs/reference/messages.md'), 'utf8')

/** Rows of the table under a heading: the first cell without its backticks, and the second one. @param {string} heading */
function rowsUnder(heading) {
  const [, section = ''] = PAGE.split(`\n${heading}\n`)
  const [text = ''] = section.split(/\n#+ /)
  return new Map(
    [...text.matchAll(/^\| `(\w+)` \| ([^|]+) \|/gm)].map(([, name, kind]) => [String(name), String(kind)])
  )
}

/** The kind in words of the page. @param {string} name */
function kindOf(name) {
  const reader = FIELDS[name]
  if (reader === NOTHING) return 'no message'
  if (reader === ENVELOPE) return 'of the content inside'
  if (name === 'protocolMessage') return 'by its type'
  const isText = !MESSAGE.fields[name]?.resolvedType
  const samples = [isText ? 'text' : {}, { ptt: true }, { secretEncType: 'MESSAGE_EDIT' }]
  const kinds = isText ? samples.slice(0, 1) : samples
  return [...new Set(kinds.map(value => `\`${read({ [name]: value })?.kind}\``))].toSorted().join(', ')
}

test('every field of a message is decided, and no other', () => {
  assert.deepEqual(
    MESSAGE.fieldsArray.map((/** @type {any} */ { name }) => name),
    Object.keys(FIELDS)
  )
})

test('the page says for every field what becomes of it', () => {
  const rows = rowsUnder('## What becomes of each content of WhatsApp')
  assert.deepEqual([...rows.keys()], Object.keys(FIELDS))
  for (const [name, kind] of rows) assert.equal(kind.split(', ').toSorted().join(', '), kindOf(name), name)
})

test('every type of a protocol message is decided, and the page says it', () => {
  const types = Object.keys(valuesOf('Message.ProtocolMessage.Type'))
  assert.deepEqual(Object.keys(PROTOCOL_TYPES), types)
  const rows = rowsUnder('### Protocol messages')
  for (const type of types) {
    const kind = read({ protocolMessage: { type } })?.kind
    assert.equal(rows.get(type) ?? 'no message', kind ? `\`${kind}\`` : 'no message', type)
  }
})

test('a type of protocol message that Baileys does not know is no message', () => {
  assert.equal(read({ protocolMessage: { type: 77, key: { id: 'A' } } }), null)
})

test('the page names every kind', () => {
  const kinds = Object.keys(FIELDS).map(
    name => read({ [name]: MESSAGE.fields[name]?.resolvedType ? {} : 'text' })?.kind
  )
  for (const kind of new Set(kinds)) if (kind) assert.ok(PAGE.includes(`\`${kind}\``), kind)
})
