// @ts-check
/**
 * Two FIFOs as lines: the only file that opens one.
 *
 * Always `net.Socket` on a non-blocking descriptor: `fs` streams would hold a thread of libuv's pool each, and
 * process.exit would hang on them.
 */

import { constants, openSync } from 'node:fs'
import { Socket } from 'node:net'

/** Longer lines are dropped: nothing that the front says comes near it. */
const LONGEST_LINE = 64 * 1024

/**
 * Hears the lines that are written to a FIFO, for ever: opened for writing too, it has no end.
 * @param {string} path
 * @param {(line: string) => void} onLine
 */
export function hearLines(path, onLine) {
  const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  const socket = new Socket({ fd: descriptor, readable: true, writable: false })
  socket.setEncoding('utf8')
  socket.on('data', lineSplitter(onLine))
  return socket
}

/**
 * @param {(line: string) => void} onLine called with each complete line that is neither empty nor too long
 * @param {number} longest
 * @returns {(text: any) => void}
 */
export function lineSplitter(onLine, longest = LONGEST_LINE) {
  let rest = ''
  let isOverlong = false
  return text => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line !== '' && line.length <= longest && !isOverlong) onLine(line)
      isOverlong = false
    }
    if (rest.length <= longest) return
    rest = ''
    isOverlong = true
  }
}

/**
 * @typedef {object} Writer
 * @property {(line: string) => boolean} write false: written, but no more until onDrain
 * @property {() => Promise<void>} flushed all that was written has left this process, or never will
 * @property {() => void} close
 */

/**
 * Opens a FIFO for lines to its reader; null where nobody reads it.
 * @param {string} path
 * @param {{onDrain: () => void, onLost: () => void}} on onLost: the reader has gone
 * @returns {Writer | null}
 */
export function openWriter(path, { onDrain, onLost }) {
  const descriptor = openIfRead(path)
  if (descriptor === null) return null
  const socket = new Socket({ fd: descriptor, readable: false, writable: true })
  socket.on('drain', onDrain)
  socket.on('error', onLost)
  return {
    write: line => socket.write(`${line}\n`),
    flushed: () => new Promise(resolve => void socket.write('', () => resolve())),
    close() {
      socket.removeAllListeners()
      socket.on('error', () => {})
      socket.destroy()
    }
  }
}

/** @param {string} path */
function openIfRead(path) {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENXIO') return null
    throw error
  }
}
