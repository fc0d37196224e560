// @ts-check
/**
 * FIFOs as lines. No other file opens a FIFO.
 *
 * Each one is a `net.Socket` on a non-blocking descriptor. A stream of `fs` would hold a thread of libuv's pool, and process.exit
 * would wait for it.
 */

import { constants } from 'node:fs'
import { Socket } from 'node:net'
import { openFifo } from '../process/files.js'

/** Longer lines are dropped. The lines of the front are far shorter. */
const MAX_LINE_CHARACTERS = 64 * 1024

/**
 * Reads the lines of a FIFO. The FIFO is opened for writing too, so that it never ends.
 * @param {string} path
 * @param {(line: string) => void} onLine
 */
export function readLines(path, onLine) {
  const descriptor = openFifo(path, constants.O_RDWR)
  const socket = new Socket({ fd: descriptor, readable: true, writable: false })
  socket.setEncoding('utf8')
  socket.on('data', splitLines(onLine))
  return socket
}

/**
 * @param {(line: string) => void} onLine called with each complete line that is neither empty nor too long
 * @param {number} maxLength
 * @returns {(text: any) => void}
 */
export function splitLines(onLine, maxLength = MAX_LINE_CHARACTERS) {
  let rest = ''
  let isOverlong = false
  return text => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line !== '' && line.length <= maxLength && !isOverlong) onLine(line)
      isOverlong = false
    }
    if (rest.length <= maxLength) return
    rest = ''
    isOverlong = true
  }
}

/**
 * @typedef {object} Writer
 * @property {(line: string) => boolean} write false: written, but write nothing more until onDrain
 * @property {() => Promise<void>} flushed resolves after all lines have left this process, or never will
 * @property {() => void} close
 */

/**
 * Opens a FIFO for writing; null if no process reads it.
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
    return openFifo(path, constants.O_WRONLY)
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENXIO') return null
    throw error
  }
}
