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

/** Longer lines are dropped. A text of the largest size takes 384 KiB if every character has to be escaped. */
const MAX_LINE_CHARACTERS = 512 * 1024

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
  /** The text is only joined: it is copied once, when its line has ended. @param {string} text */
  const keep = text => {
    isOverlong ||= rest.length + text.length > maxLength
    rest = isOverlong ? '' : rest + text
  }
  return text => {
    const [first, ...others] = text.split('\n')
    keep(first)
    for (const next of others) {
      if (rest !== '' && !isOverlong) onLine(rest)
      rest = ''
      isOverlong = false
      keep(next)
    }
  }
}

/**
 * @typedef {object} Writer
 * @property {(line: string) => boolean} write false: written, but write nothing more until onDrain
 * @property {(work: () => void) => void} together has the lines of `work` leave in one write
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
    together(work) {
      socket.cork()
      try {
        work()
      } finally {
        socket.uncork()
      }
    },
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
