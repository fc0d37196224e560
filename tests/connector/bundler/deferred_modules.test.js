// @ts-check
/** Modules that packages load at once, and that the bundle loads at their first use. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { deferModules, isDeferring } from '../../../connector/bundler/deferred_modules.js'

const PACKAGES = join(import.meta.dirname, '../../../connector/node_modules')

test('a file of another package stays as it is', () => {
  assert.equal(isDeferring(join(PACKAGES, 'ws/lib/websocket.js')), false)
  assert.equal(isDeferring(join(PACKAGES, 'libsignal/src/curve.js')), true)
})

test('a file that has changed is not guessed at', () => {
  const path = join(PACKAGES, 'libsignal/src/curve.js')
  const source = readFileSync(path, 'utf8')
  assert.match(deferModules(source, path), /require\('curve25519-js'\)\.sign/)
  assert.throws(() => deferModules(source.replace('curve25519-js', 'curve-js'), path), /does not contain/)
})
