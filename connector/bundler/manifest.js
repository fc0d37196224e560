// @ts-check
/** What connector/bundle/ holds, and whether it was built from the files that are there now. server/core/bundle.py reads the same. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const CONNECTOR = join(import.meta.dirname, '..')
export const OUTPUT = join(CONNECTOR, 'bundle')

/** The connector and its packages. */
export const BUNDLE = 'main.cjs'

/** Source map, for people who read a stack. Nothing loads it. */
export const MAP = 'main.cjs.map'

/** SHA-256 of what was built and of all files that it was built from, by their paths below connector/. */
export const MANIFEST = 'manifest.json'

/** @param {string | Uint8Array} content */
export const sha256 = content => createHash('sha256').update(content).digest('hex')

/** Path of the bundle; null without one, or if a file has changed since it was built. */
export function freshBundle() {
  try {
    const { outputs, sources } = JSON.parse(readFileSync(join(OUTPUT, MANIFEST), 'utf8'))
    const isSame = (/** @type {string} */ folder, /** @type {Record<string, string>} */ digests) =>
      Object.entries(digests).every(([name, digest]) => sha256(readFileSync(join(folder, name))) === digest)
    return isSame(OUTPUT, outputs) && isSame(CONNECTOR, sources) ? join(OUTPUT, BUNDLE) : null
  } catch {
    return null
  }
}
