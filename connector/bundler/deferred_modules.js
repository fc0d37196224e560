// @ts-check
/**
 * Defers modules that packages load at once, and that a session needs later, if at all.
 *
 * A file of a package gets another text, as `deferMessages` gives one to WAProto. What is looked for has to be there.
 */

/** @typedef {{file: RegExp, from: string | RegExp, to: string}} Change `from`, if it is a pattern, is global */

/** @type {Change[]} */
const CHANGES = [
  // Node's Web Cryptography. It derives the key of a pairing code.
  { file: /baileys\/lib\/Utils\/crypto\.js$/, from: 'const { subtle } = globalThis.crypto;\n', to: '' },
  { file: /baileys\/lib\/Utils\/crypto\.js$/, from: /\bsubtle\./g, to: 'globalThis.crypto.subtle.' },
  // It starts programs, which make thumbnails of videos. No connector may start one.
  { file: /baileys\/lib\/Utils\/messages-media\.js$/, from: "import { exec } from 'child_process';\n", to: '' },
  { file: /baileys\/lib\/Utils\/messages-media\.js$/, from: /\bexec\(/g, to: "require('child_process').exec(" },
  // Twenty small modules, of which errors need three.
  {
    file: /@hapi\/hoek\/lib\/index\.js$/,
    from: /^exports\.(\w+) = (require\('\.\/\w+'\));$/gm,
    to: "Object.defineProperty(exports, '$1', { enumerable: true, get: () => $2 });"
  },
  // Signatures in JavaScript, which OpenSSL makes (connector/messages/signing.js).
  { file: /libsignal\/src\/curve\.js$/, from: "const curveJs = require('curve25519-js');\n", to: '' },
  { file: /libsignal\/src\/curve\.js$/, from: /\bcurveJs\./g, to: "require('curve25519-js')." },
  { file: /libsignal\/src\/crypto\.js$/, from: "const assert = require('assert');\n", to: '' },
  { file: /libsignal\/src\/crypto\.js$/, from: /\bassert\(/g, to: "require('assert')(" }
]

/** Whether a file of a package is changed. @param {string} path */
export const isDeferring = path => CHANGES.some(({ file }) => file.test(path))

/**
 * @param {string} source
 * @param {string} path of the file
 * @returns {string} a module that exports the same
 */
export function deferModules(source, path) {
  return CHANGES.filter(({ file }) => file.test(path)).reduce((text, { from, to }) => {
    const changed = text.replaceAll(from, to)
    if (changed === text) throw new Error(`${path} does not contain ${from}`)
    return changed
  }, source)
}
