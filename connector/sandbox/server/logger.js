// @ts-check
/** Log lines: one event a line, key=value. Never a code, a key or a text. */

import { quoted } from '../../process/logger.js'

/** @type {{ write: (line: string) => unknown } | null} */
let output = null

/**
 * Sets the output of log lines. Before that, lines go nowhere.
 * @param {{ write: (line: string) => unknown }} stream
 */
export function logTo(stream) {
  output = stream
}

/**
 * @param {string} event
 * @param {Record<string, string | number>} [fields]
 */
export function log(event, fields = {}) {
  const words = Object.entries({ event, ...fields }).map(([key, value]) => `${key}=${quoted(String(value))}`)
  output?.write(`sandbox ${words.join(' ')}\n`)
}
