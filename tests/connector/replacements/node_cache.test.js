// @ts-check
/** What the bundle has in place of the package @cacheable/node-cache, against the package itself. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import Package from '../../../connector/node_modules/@cacheable/node-cache/dist/index.js'
import NodeCache from '../../../connector/replacements/node_cache.js'

const LIBRARY = join(import.meta.dirname, '../../../connector/node_modules/baileys/lib')

/** Where Baileys makes a cache for a socket. `makeCacheableSignalKeyStore` in Utils is for others. */
const SOCKETS = join(LIBRARY, 'Socket')

test('Baileys makes caches that expire and share their values, and uses no other function of them', () => {
  const text = readdirSync(SOCKETS)
    .filter(name => name.endsWith('.js'))
    .map(name => readFileSync(join(SOCKETS, name), 'utf8'))
    .join()
  const made = [...text.matchAll(/new NodeCache\(([^)]*)\)/g)].map(([, options = '']) => options)
  assert.equal(made.length, 5)
  for (const options of made) assert.match(options, /^\{\s*stdTTL: [\w.]+,[^:]*useClones: false\s*\}$/)
  const handler = readFileSync(join(LIBRARY, 'Utils/identity-change-handler.js'), 'utf8')
  const used = `${text}${handler}`.matchAll(
    /(?:RetryCache|OfferCache|ResendCache|AssertDebounce|debounceCache)\.(\w+)/g
  )
  assert.deepEqual([...new Set([...used].map(([, name]) => name))].sort(), ['close', 'del', 'get', 'set'])
})

test('entries are kept, replaced, deleted and expire as those of the package', t => {
  t.mock.timers.enable({ apis: ['Date', 'setInterval'] })
  const options = /** @type {const} */ ({ stdTTL: 5, useClones: false })
  const both = [new Package(options), new NodeCache({ ...options, now: Date.now })]
  const same = (/** @type {(cache: any) => unknown} */ ask) => {
    const [expected, found] = both.map(ask)
    assert.deepEqual(found, expected)
    return found
  }
  const value = { retries: 1 }
  same(cache => cache.set('a', value))
  same(cache => cache.set(7, 'seven'))
  assert.equal(
    same(cache => cache.get('a')),
    value
  )
  for (const key of ['a', 7, '7', 'b']) same(cache => cache.get(key))
  t.mock.timers.tick(3000)
  same(cache => cache.set('a', 2))
  t.mock.timers.tick(1999)
  for (const key of ['a', 7]) same(cache => cache.get(key))
  t.mock.timers.tick(2)
  for (const key of ['a', 7]) same(cache => cache.get(key))
  same(cache => cache.del('a'))
  for (const key of ['a', 7]) same(cache => cache.del(key))
  same(cache => cache.close())
})

test('an expired entry is dropped when another one is set', () => {
  let now = 0
  const cache = new NodeCache({ stdTTL: 1, useClones: false, now: () => now })
  for (let n = 0; n < 10; n++) {
    cache.set(n, n)
    now += 500
  }
  assert.deepEqual(
    Array.from({ length: 10 }, (_, n) => cache.get(n)).filter(value => value !== undefined),
    [9]
  )
})

test('a cache of another kind is refused', () => {
  for (const options of [{}, { stdTTL: 0, useClones: false }, { stdTTL: 1 }, { stdTTL: 1, useClones: true }])
    assert.throws(() => new NodeCache(/** @type {any} */ (options)), TypeError)
})
