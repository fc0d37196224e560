// @ts-check
/**
 * Runs the bundle from code that an earlier process has compiled: `node --require=…/preload.js …/bundle/main.cjs`.
 *
 * Node's own compile cache has what V8 compiles when it reads a file, and no function that was called later. To parse and compile
 * those takes a fifth of a start. So `motte serve` has a process rehearse a start (main.js), and this file then writes all that V8
 * has compiled into the folder of the compile cache. A connector that is isolated may read it, and not write it.
 *
 * V8 compares its version, its options and the length of the text. The head of the file has what V8 does not look at. If anything
 * differs, the bundle is run as without this file.
 */

'use strict'

const { closeSync, constants: modes, fstatSync, lstatSync, openSync, readFileSync, writeFileSync } = require('node:fs')
const { Module } = require('node:module')
const { join } = require('node:path')
const { constants, Script } = require('node:vm')
const { crc32 } = require('node:zlib')

const BUNDLE = join(__dirname, '../bundle/main.cjs')

/** Name of the file in the folder of the compile cache. server/cli/serve/compile_cache.py removes it. */
const NAME = 'main.code'

/** The argument of a process whose code is kept: main.js. */
const REHEARSE = '--rehearse'

/** Bytes of the head of the file. V8 wants the rest to begin at a multiple of eight. */
const HEAD_BYTES = 128

const folder = process.env.NODE_COMPILE_CACHE
const prototype = /** @type {any} */ (Module.prototype)
const compile = prototype._compile

if (folder) {
  /** @this {any} @param {string} text @param {string} path @param {any[]} rest */
  prototype._compile = function (text, path, ...rest) {
    const run = path === BUNDLE && compiled(text, join(folder, NAME))
    if (!run) return compile.call(this, text, path, ...rest)
    prototype._compile = compile
    const require = Module.createRequire(path)
    return run(this.exports, require, this, path)
  }
}

/**
 * The function that the text of the bundle is (bundler/build.js); null if its code is missing or cannot be used.
 * @param {string} text
 * @param {string} file with the code
 */
function compiled(text, file) {
  const isKept = process.argv[2] === REHEARSE
  const code = isKept ? undefined : read(file)
  if (!isKept && !code) return null
  const script = new Script(text, {
    filename: BUNDLE,
    ...(code && { cachedData: code }),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER
  })
  if (script.cachedDataRejected) return null
  if (isKept) process.on('exit', () => keep(script.createCachedData(), file))
  return script.runInThisContext()
}

/** @param {string} file @returns {Buffer | null} */
function read(file) {
  try {
    const content = readRegular(file)
    const code = content.subarray(HEAD_BYTES)
    return content.toString('latin1', 0, HEAD_BYTES) === headOf(code) ? code : null
  } catch {
    return null
  }
}

/** As process/files.js does: a pipe in the place of the file would hold the process up. @param {string} file */
function readRegular(file) {
  const descriptor = openSync(file, modes.O_RDONLY | modes.O_NONBLOCK | modes.O_NOFOLLOW)
  try {
    if (!fstatSync(descriptor).isFile()) throw new Error('not a regular file')
    return readFileSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** @param {Buffer} code @param {string} file */
function keep(code, file) {
  writeFileSync(file, Buffer.concat([Buffer.from(headOf(code), 'latin1'), code]), { mode: 0o600, flag: 'wx' })
}

/** Says of which bundle it is the code, and that it is whole. A bundle that is built again is another file. @param {Buffer} code */
function headOf(code) {
  const { size, ino, mtimeMs } = lstatSync(BUNDLE)
  return `${size} ${ino} ${mtimeMs} ${code.length} ${crc32(code)}\n`.padEnd(HEAD_BYTES)
}
