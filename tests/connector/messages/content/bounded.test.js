// @ts-check
/** What a message has besides its text is cut, at the bounds of the front. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as bounds from '../../../../connector/ipc/bounds.js'
import { read } from '../../../support/connector/contents.js'

/** @param {number} most @param {(text: string) => string | null} shown */
function assertCutAt(most, shown) {
  for (const length of [most, most + 1]) assert.equal(shown('x'.repeat(length))?.length, most)
}

test('the quoted text of a reply has 4,096 characters at most', () =>
  assertCutAt(bounds.MAX_QUOTE_LENGTH, text => {
    const contextInfo = { stanzaId: 'A', quotedMessage: { conversation: text } }
    return read({ extendedTextMessage: { text: 'Yes', contextInfo } }).replyTo.text
  }))

test('a message mentions 1,024 accounts at most', () => {
  for (const count of [1_024, 1_025]) {
    const mentionedJid = Array.from({ length: count }, (_, n) => `${4_915_100_000_000 + n}@s.whatsapp.net`)
    const { mentions } = read({ extendedTextMessage: { text: 'all', contextInfo: { mentionedJid } } })
    assert.equal(mentions.length, 1_024)
  }
})

test('names in a message have 4,096 characters at most', () => {
  const place = { degreesLatitude: 1, degreesLongitude: 1 }
  const names = [
    (/** @type {string} */ name) => read({ locationMessage: { ...place, name } }).location.name,
    (/** @type {string} */ address) => read({ locationMessage: { ...place, address } }).location.address,
    (/** @type {string} */ displayName) => read({ contactMessage: { displayName } }).contact.name,
    (/** @type {string} */ fileName) => read({ documentMessage: { fileName } }).media.fileName,
    (/** @type {string} */ name) => read({ pollCreationMessage: { name } }).poll.name
  ]
  for (const shown of names) assertCutAt(bounds.MAX_LABEL_LENGTH, shown)
})

test('what a person chose has 32,768 characters at most, and so has its name', () => {
  assertCutAt(
    bounds.MAX_CHOICE_LENGTH,
    text => read({ buttonsResponseMessage: { selectedDisplayText: text } }).choice.title
  )
  assertCutAt(bounds.MAX_CHOICE_LENGTH, text => read({ buttonsResponseMessage: { selectedButtonId: text } }).choice.id)
})

test('a poll has 100 answers of 512 characters at most', () => {
  const options = (/** @type {number} */ count, /** @type {string} */ optionName) =>
    read({ pollCreationMessage: { options: Array.from({ length: count }, () => ({ optionName })) } }).poll.options
  for (const count of [100, 101]) assert.equal(options(count, 'x').length, 100)
  assertCutAt(bounds.MAX_OPTION_LENGTH, text => options(1, text)[0])
})

test('sizes of a file are whole numbers that JSON holds, whatever its sender says', () => {
  const { size } = read({ videoMessage: { fileLength: '18446744073709551615', seconds: 4_294_967_295 } }).media
  assert.equal(size, Number.MAX_SAFE_INTEGER)
})
