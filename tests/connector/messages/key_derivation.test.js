// @ts-check
/** Keys of Signal messages, against libsignal's own derivation. */

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import libsignal from '../../../connector/node_modules/libsignal/src/crypto.js'

const crypto = /** @type {any} */ (libsignal)
const { deriveSecrets: before } = crypto
await import('../../../connector/messages/key_derivation.js')

test('keys are those that libsignal derives', () => {
  assert.notEqual(crypto.deriveSecrets, before)
  for (const length of [0, 1, 32, 128]) {
    for (const chunks of [undefined, 1, 2, 3]) {
      const [input, salt, info] = [randomBytes(length), randomBytes(32), Buffer.from('WhisperMessageKeys')]
      assert.deepEqual(crypto.deriveSecrets(input, salt, info, chunks), before(input, salt, info, chunks))
    }
  }
})
