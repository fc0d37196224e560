// @ts-check
/** Reasons behind WhatsApp's own endings of a connection. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFailure, readStreamError } from '../../../connector/session/close_reasons.js'
import { needsPerson } from '../../../connector/session/baileys_errors.js'

const NOW = Date.parse('2026-05-25T12:00:00Z')

/** @param {Record<string, string>} attrs */
const paired = attrs => readFailure(attrs, { isPaired: true, now: NOW })

/** @param {Record<string, string>} attrs */
const unpaired = attrs => readFailure(attrs, { isPaired: false, now: NOW })

/** @type {[reason: string, paired: string, unpaired: string][]} */
const FAILURES = [
  ['400', 'whatsapp-refused', 'whatsapp-refused'],
  ['401', 'logged-out', 'whatsapp-refused'],
  ['402', 'account-restricted', 'account-restricted'],
  ['403', 'account-banned', 'account-banned'],
  ['405', 'version-rejected', 'version-rejected'],
  ['406', 'account-banned', 'account-banned'],
  ['409', 'client-rejected', 'client-rejected'],
  ['411', 'multidevice-mismatch', 'multidevice-mismatch'],
  ['413', 'whatsapp-refused', 'whatsapp-refused'],
  ['414', 'whatsapp-refused', 'whatsapp-refused'],
  ['415', 'whatsapp-refused', 'whatsapp-refused'],
  ['418', 'whatsapp-refused', 'whatsapp-refused'],
  ['429', 'whatsapp-rate-limited', 'whatsapp-rate-limited'],
  ['463', 'account-restricted', 'account-restricted'],
  ['499', 'whatsapp-refused', 'whatsapp-refused'],
  ['500', 'whatsapp-unavailable', 'whatsapp-refused'],
  ['501', 'whatsapp-refused', 'whatsapp-refused'],
  ['503', 'whatsapp-unavailable', 'whatsapp-unavailable']
]
for (const [reason, whilePaired, whileUnpaired] of FAILURES) {
  test(`a failure ${reason} is ${whilePaired}, and before a pairing ${whileUnpaired}`, () => {
    assert.deepEqual([paired({ reason }).code, unpaired({ reason }).code], [whilePaired, whileUnpaired])
  })
}

test('no failure but 401 discards credentials', () => {
  const numbers = Array.from({ length: 200 }, (_, index) => String(400 + index))
  assert.deepEqual(
    numbers.filter(reason => paired({ reason }).code === 'logged-out'),
    ['401']
  )
})

test('an unpaired session is never logged out', () => {
  assert.doesNotMatch(unpaired({ reason: '401' }).detail, /unlink|removed/)
  assert.doesNotMatch(
    readStreamError(streamError('401', 'device_removed'), { isPaired: false }).detail,
    /unlink|removed/
  )
})

test('the detail has an unknown number', () => {
  assert.equal(paired({ reason: '499' }).detail, 'WhatsApp refused the connection: status 499')
  assert.equal(paired({ reason: '<script>' }).detail, 'WhatsApp refused the connection: status unknown')
  assert.equal(paired({}).detail, 'WhatsApp refused the connection: status unknown')
})

test('a temporary ban has its end and its cause, and is tried again at its end', () => {
  const { code, detail, waitFor } = paired({ reason: '402', code: '104', expire: '21600' })
  assert.deepEqual([code, waitFor], ['account-restricted', 21600])
  assert.match(detail, /: until 2026-05-25T18:00:00\.000Z, the same message to too many people$/)
  assert.ok(!needsPerson({ code, detail }))
})

for (const expire of ['0', '-5', '', 'soon', '1e9', '99999999999999', '31622401']) {
  test(`a ban that lasts "${expire}" seconds does not say until when`, () => {
    const { detail, waitFor } = paired({ reason: '402', code: '999', expire })
    assert.equal(waitFor, undefined)
    assert.equal(detail, 'WhatsApp has restricted the account for a time: ban 999')
  })
}

test('a ban or a change of phone has the texts of WhatsApp', () => {
  const { detail } = paired({
    reason: '403',
    logout_message_header: 'Logged out',
    logout_message_subtext: 'Open WhatsApp on your phone',
    appeal_token: '0aSECRET',
    url: 'https://example.org/appeal'
  })
  assert.match(
    detail,
    /banned, or it moved to another phone: status 403, WhatsApp says "Logged out \/ Open WhatsApp on your phone"$/
  )
  assert.doesNotMatch(detail, /SECRET|example/)
})

test('a text of WhatsApp has 240 characters at most', () => {
  /** @param {string} text */
  const quoted = text => /"(?<quoted>.*)"$/u.exec(paired({ reason: '406', message: text }).detail)?.groups?.quoted
  assert.equal(quoted('😀'.repeat(240)), '😀'.repeat(240))
  assert.equal(quoted('😀'.repeat(241)), `${'😀'.repeat(239)}…`)
})

test('texts of WhatsApp become one printable line of limited length', () => {
  const { detail } = paired({
    reason: '406',
    logout_message_header: 'a\u202Eb\n\tc\u0000\u2028d\uD800',
    message: '😀'.repeat(4000)
  })
  assert.match(detail, /"a b c d� \/ 😀+…"$/u)
  assert.ok([...detail].length < 400, String(detail.length))
  assert.ok(detail.isWellFormed())
})

/** @param {string} code @param {string} [conflict] @param {string} [child] */
function streamError(code, conflict, child) {
  /** @type {import('../../../connector/session/close_reasons.js').Stanza[]} */
  const children = []
  if (conflict) children.push({ tag: 'conflict', attrs: { type: conflict } })
  if (child) children.push({ tag: child, attrs: {} })
  const attrs = /** @type {Record<string, string>} */ (code ? { code } : {})
  return { tag: 'stream:error', attrs, content: children.length > 0 ? children : undefined }
}

/** @type {[what: string, error: ReturnType<typeof streamError>, code: string][]} */
const STREAM_ERRORS = [
  ['the phone removed the device', streamError('401', 'device_removed'), 'logged-out'],
  ['401 without a removal', streamError('401'), 'device-removed'],
  ['516', streamError('516'), 'device-removed'],
  ['a conflict of another type', streamError('', 'strange'), 'device-removed'],
  ['another connection with the same credentials', streamError('', 'replaced'), 'connection-replaced'],
  ['429', streamError('429'), 'whatsapp-rate-limited'],
  ['503', streamError('503'), 'whatsapp-unavailable'],
  ['500', streamError('500'), 'whatsapp-unavailable'],
  ['515', streamError('515'), 'stream-reset'],
  ['ack', streamError('', undefined, 'ack'), 'stream-reset'],
  ['xml-not-well-formed', streamError('', undefined, 'xml-not-well-formed'), 'stream-reset'],
  ['403', streamError('403'), 'stream-reset'],
  ['an empty one', streamError(''), 'stream-reset']
]
for (const [what, error, code] of STREAM_ERRORS) {
  test(`a stream error: ${what}: ${code}`, () => assert.equal(readStreamError(error, { isPaired: true }).code, code))
}

test('the detail of a stream reset names the error', () => {
  assert.match(readStreamError(streamError('', undefined, 'ack'), { isPaired: true }).detail, /: ack$/)
  assert.match(readStreamError(streamError('', undefined, '<b>'), { isPaired: true }).detail, /: status unknown$/)
})

for (const word of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
  test(`a failure that is called ${word} is one that nobody knows`, () => {
    assert.equal(paired({ reason: word }).code, 'whatsapp-refused')
    assert.equal(unpaired({ reason: word }).detail, unpaired({ reason: 'x' }).detail)
    assert.equal(paired({ reason: '402', code: word }).detail, paired({ reason: '402', code: 'x' }).detail)
    const attrs = { code: word }
    const stanza = { tag: 'stream:error', attrs, content: [{ tag: 'conflict', attrs: { type: word } }] }
    assert.equal(readStreamError(stanza, { isPaired: false }).code, 'whatsapp-refused')
  })
}
