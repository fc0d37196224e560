// @ts-check
/** The bundle that connectors run: what it loads, in which order, and what Node leaves of it in the compile cache. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { CONNECTOR, freshBundle } from '../../../connector/bundler/manifest.js'

const BUNDLE = freshBundle() ?? assert.fail('run `make install`: the bundle is not of the present files')

/**
 * Loads the bundle in a process of its own; returns what it printed.
 * @param {string[]} options of Node
 * @param {Record<string, string>} environment
 */
async function load(options, environment = {}) {
  const env = { PATH: process.env.PATH, ...environment }
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...options, BUNDLE, '--load'], { env })
  return `${stdout}${stderr}`
}

/** @param {string} script */
const preloaded = script => ['--import', `data:text/javascript,${encodeURIComponent(script)}`]

test('loading it prints nothing and begins nothing', async () => {
  assert.equal(await load([]), '')
})

test('Baileys takes the limited inflate, and no other', async () => {
  const report = `
    import util from 'node:util'
    import { syncBuiltinESMExports } from 'node:module'
    const { promisify } = util
    const names = []
    util.promisify = wanted => { names.push(wanted.name); return promisify(wanted) }
    syncBuiltinESMExports()
    process.on('exit', () => process.stdout.write(names.filter(name => /inflate|limited/.test(name)).join()))`
  assert.equal(await load(preloaded(report)), 'limited,limited')
})

test('it needs the packages that are loaded at their first use, and no others, from the disk', async () => {
  const code = readFileSync(BUNDLE, 'utf8')
  const required = [...code.matchAll(/\b(?:require|import)\("([^"]+)"\)/g)].map(([, name = '']) => name)
  const others = new Set(required.filter(name => !process.getBuiltinModule(name)))
  const loaded = ['audio-decode', 'bufferutil', 'jimp', 'link-preview-js', 'music-metadata', 'sharp', 'utf-8-validate']
  assert.deepEqual([...others].sort(), loaded)
})

test('the libraries for proxies are found from where it is', async () => {
  const report = `
    import { createRequire } from 'node:module'
    const load = createRequire(${JSON.stringify(BUNDLE)})
    for (const name of ['https-proxy-agent', 'socks-proxy-agent', 'music-metadata']) load.resolve(name)`
  assert.equal(await load(preloaded(report)), '')
  assert.match(readFileSync(BUNDLE, 'utf8'), /createRequire\)\(moduleUrl\)/)
})

test('a connector reads the compile cache that loading it has left', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'motte-cache-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const options = (
    readFileSync(join(CONNECTOR, '../supervisord.conf'), 'utf8').match(/--(?:max-semi|v8-pool)\S+/g) ?? []
  ).map(String)
  assert.equal(options.length, 2)
  const cached = { NODE_COMPILE_CACHE: folder }
  await load(options, cached)
  assert.ok(readdirSync(folder, { recursive: true }).length >= 2)
  const again = [...options, '--max-old-space-size=256']
  const told = await load(again, { ...cached, NODE_DEBUG_NATIVE: 'COMPILE_CACHE' })
  assert.match(told, /cache for CommonJS \S*main\.cjs was accepted/)
})

test('it leaves modules of Node that few sessions need for their first use', async () => {
  const late = ['internal/crypto/webcrypto', 'assert', 'child_process', 'worker_threads']
  const report = `process.on('exit', () => {
    const loaded = new Set(process.moduleLoadList.map(entry => entry.replace('NativeModule ', '')))
    process.stdout.write(${JSON.stringify(late)}.filter(name => loaded.has(name)).join())
  })`
  assert.equal(await load(preloaded(report)), '')
})
