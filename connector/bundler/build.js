// @ts-check
/**
 * Makes connector/bundle/main.cjs of the connector and its packages: `node connector/bundler/build.js [FOLDER]`.
 * Another FOLDER gets the same files, byte for byte, to compare them.
 *
 * `make install` and `motte install` run this. A connector that loads one file starts sooner than one that looks for 400 modules,
 * and it keeps less text in its memory. If anything is not as expected, nothing is written, and connectors load plain modules.
 */

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, version } from 'esbuild'
import { deferMessages } from './deferred_messages.js'
import { deferModules, isDeferring } from './deferred_modules.js'
import { BUNDLE, CONNECTOR, MANIFEST, MAP, OUTPUT, sha256 } from './manifest.js'

/** Packages that Baileys loads at the first use: those that are not installed, and one that no connector uses so far. */
const EXTERNAL = ['audio-decode', 'jimp', 'link-preview-js', 'music-metadata', 'sharp']

/** Optional parts of `ws`, written in C, which are not installed. */
const NOT_INSTALLED = ['bufferutil', 'utf-8-validate']

/** What is in the place of packages, below replacements/. @type {Record<string, string>} */
const REPLACED = {
  '@cacheable/node-cache': 'node_cache.js',
  pino: 'pino.js',
  'whatsapp-rust-bridge': 'whatsapp_rust_bridge.js'
}

/** Files that decide what comes out, next to those that are read. */
const BUILDERS = [
  'package-lock.json',
  'bundler/build.js',
  'bundler/deferred_messages.js',
  'bundler/deferred_modules.js',
  'bundler/manifest.js',
  'bundler/package-lock.json'
]

/** @type {import('esbuild').Plugin} */
const replacements = {
  name: 'replacements',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^(${Object.keys(REPLACED).join('|')})$`) }, ({ path }) => ({
      path: join(CONNECTOR, 'replacements', /** @type {string} */ (REPLACED[path]))
    }))
    onLoad({ filter: /[\\/]baileys[\\/]WAProto[\\/]index\.js$/ }, ({ path }) => ({
      contents: deferMessages(readFileSync(path, 'utf8'))
    }))
    onLoad({ filter: /[\\/]node_modules[\\/].*\.js$/ }, ({ path }) =>
      isDeferring(path) ? { contents: deferModules(readFileSync(path, 'utf8'), path) } : undefined
    )
  }
}

const folder = process.argv[2] ?? OUTPUT

const { outputFiles, metafile, warnings } = await build({
  absWorkingDir: CONNECTOR,
  entryPoints: ['main.js'],
  outfile: join(folder, BUNDLE),
  write: false,
  bundle: true,
  // Paths of modules are part of the bundle: they must not depend on where a linked node_modules is.
  preserveSymlinks: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  external: [...EXTERNAL, ...NOT_INSTALLED],
  // The names of functions and classes stay: error names are logged, and a stack is read by people.
  minifyWhitespace: true,
  minifySyntax: true,
  // Node prints the whole line of an error that nobody handles.
  lineLimit: 240,
  legalComments: 'none',
  sourcemap: 'external',
  sourcesContent: false,
  metafile: true,
  define: { 'import.meta.url': 'moduleUrl' },
  // A module for Node, and for compiled_code/preload.js, where nothing is a `module` yet, the function of one.
  banner: {
    js: `(run => typeof module === 'object' ? run(exports, require, module, __filename) : run)(function (exports, require, module, __filename) {
const moduleUrl = require('node:url').pathToFileURL(__filename).href;`
  },
  footer: { js: '})' },
  plugins: [replacements],
  tsconfigRaw: {}, // not connector/tsconfig.json, which finds types for editors
  logLevel: 'silent'
})
if (warnings.length > 0) throw new Error(warnings.map(({ text, location }) => `${location?.file}: ${text}`).join('\n'))

const [code, map] = [BUNDLE, MAP].map(name => outputFiles.find(({ path }) => path === join(folder, name))?.contents)
if (!code || !map) throw new Error('esbuild wrote other files than expected')
const sources = [...new Set([...Object.keys(metafile.inputs), ...BUILDERS])].sort()
const manifest = {
  esbuild: version,
  outputs: { [BUNDLE]: sha256(code) },
  sources: Object.fromEntries(sources.map(name => [name, sha256(readFileSync(join(CONNECTOR, name)))]))
}
mkdirSync(folder, { recursive: true, mode: 0o755 })
rmSync(join(folder, MANIFEST), { force: true })
removeDrafts()
replace(MAP, map)
replace(BUNDLE, code)
replace(MANIFEST, `${JSON.stringify(manifest, null, 1)}\n`)

/** Writes a file under another name first: a connector that starts now loads the old file or the new one. @param {string} name @param {string | Uint8Array} content */
function replace(name, content) {
  const draft = join(folder, `${name}.draft`)
  try {
    writeFileSync(draft, content, { mode: 0o644, flag: 'wx', flush: true })
    renameSync(draft, join(folder, name))
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Removes what killed builds left. The caller holds a lock, so no other build is at work. */
function removeDrafts() {
  const drafts = /^(main\.cjs|main\.cjs\.map|manifest\.json)\.(draft|\d+)$/
  for (const name of readdirSync(folder)) if (drafts.test(name)) rmSync(join(folder, name), { force: true })
}
