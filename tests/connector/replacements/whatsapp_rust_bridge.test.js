// @ts-check
/** What the bundle has in place of the package whatsapp-rust-bridge, against the package itself. */

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as bridge from '../../../connector/node_modules/whatsapp-rust-bridge/dist/index.js'
import * as replacement from '../../../connector/replacements/whatsapp_rust_bridge.js'

const LIBRARY = join(import.meta.dirname, '../../../connector/node_modules/baileys/lib')

/** Random bytes of all short lengths, and around the blocks of the hashes. */
const samples = [...Array(70).keys(), 127, 128, 129, 1000].map(length => randomBytes(length))

test('every function that Baileys imports is replaced', () => {
  const files = readdirSync(LIBRARY, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.js'))
  const imports = files.flatMap(name => [
    ...readFileSync(join(LIBRARY, name), 'utf8').matchAll(/\{([^}]*)\} from 'whatsapp-rust-bridge'/g)
  ])
  const names = imports.flatMap(([, list = '']) => list.split(',').map(name => name.trim()))
  assert.deepEqual(names.sort(), ['LTHashAntiTampering', 'expandAppStateKeys', 'hkdf', 'md5'])
  assert.deepEqual(Object.keys(replacement).sort(), names)
})

test('hashes are equal, and are no buffers, whose slices share memory', () => {
  for (const sample of samples) {
    const found = replacement.md5(sample)
    assert.deepEqual(found, bridge.md5(sample))
    assert.equal(found.constructor, Uint8Array)
  }
})

test('derived keys are equal, with salt and without', () => {
  for (const sample of samples)
    for (const salt of [undefined, null, Buffer.alloc(0), Buffer.alloc(32), randomBytes(20), randomBytes(100)])
      for (const info of ['', 'WhatsApp Image Keys', 'Schlüssel']) {
        const length = 1 + (sample.length % 112)
        const found = replacement.hkdf(sample, length, { salt, info })
        assert.deepEqual(found, bridge.hkdf(sample, length, /** @type {any} */ ({ salt, info })))
        assert.equal(found.constructor, Uint8Array)
      }
})

test('keys without a name, and of the largest length, are equal; a longer one is refused by both', () => {
  const sample = randomBytes(32)
  for (const [length, info] of /** @type {const} */ ([
    [64, {}],
    [64, { info: null }],
    [255 * 32, { info: 'x' }]
  ]))
    assert.deepEqual(replacement.hkdf(sample, length, info), bridge.hkdf(sample, length, /** @type {any} */ (info)))
  for (const { hkdf } of [replacement, bridge]) assert.throws(() => hkdf(sample, 255 * 32 + 1, { info: 'x' }))
})

test('the keys of an app state are equal', () => {
  const names = /** @type {const} */ ([
    'indexKey',
    'valueEncryptionKey',
    'valueMacKey',
    'snapshotMacKey',
    'patchMacKey'
  ])
  for (const sample of samples) {
    const [found, expected] = [replacement.expandAppStateKeys(sample), bridge.expandAppStateKeys(sample)]
    for (const name of names) assert.deepEqual(found[name], expected[name], name)
  }
})

test('hashes of a changing set are equal, in steps and with overflows', () => {
  const [ours, theirs] = [new replacement.LTHashAntiTampering(), new bridge.LTHashAntiTampering()]
  for (const start of [Buffer.alloc(128), Buffer.alloc(128, 0xff), randomBytes(128)]) {
    let base = /** @type {Uint8Array} */ (start)
    for (let n = 0; n < samples.length - 5; n++) {
      const [subtract, add] = [samples.slice(n, n + (n % 3)), samples.slice(n, n + (n % 5))]
      const expected = theirs.subtractThenAdd(base, subtract, add)
      assert.deepEqual(ours.subtractThenAdd(base, subtract, add), expected)
      base = Buffer.from(expected)
    }
  }
})

test('a base of another length is refused by both, and the base stays as it is', () => {
  for (const { LTHashAntiTampering } of [replacement, bridge]) {
    const hash = new LTHashAntiTampering()
    for (const length of [0, 127, 129]) assert.throws(() => hash.subtractThenAdd(Buffer.alloc(length), [], []))
    const base = Buffer.alloc(128)
    hash.subtractThenAdd(base, [], [randomBytes(32)])
    assert.deepEqual(base, Buffer.alloc(128))
  }
})
