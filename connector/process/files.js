// @ts-check
/**
 * Opens files of the expected kind only. No other file of the connector opens one below the state folder.
 *
 * A FIFO in the place of a file would hold the process up, and a link in the place of a FIFO would have any file of this user
 * overwritten.
 */

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync
} from 'node:fs'

/** A file of another kind is in the place of a regular file or of a FIFO. */
export class WrongKind extends Error {
  /** @param {string} path @param {string} wanted */
  constructor(path, wanted) {
    super(`${path} is not a ${wanted}: move it away`)
  }
}

/**
 * Checks files that a library opens, if they exist. Links are not followed. Throws WrongKind.
 * @param {...string} paths
 */
export function checkRegular(...paths) {
  for (const path of paths) {
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false) throw new WrongKind(path, 'regular file')
  }
}

/**
 * Opens a FIFO without waiting for its other end. Throws WrongKind, and ENXIO if it is opened for writing and nobody reads.
 * @param {string} path
 * @param {number} flags
 */
export function openFifo(path, flags) {
  const descriptor = openSync(path, flags | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  if (fstatSync(descriptor).isFIFO()) return descriptor
  closeSync(descriptor)
  throw new WrongKind(path, 'FIFO')
}

/** Reads a regular file as text. Throws WrongKind. @param {string} path */
export function readRegular(path) {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    if (!fstatSync(descriptor).isFile()) throw new WrongKind(path, 'regular file')
    return readFileSync(descriptor, 'utf8')
  } finally {
    closeSync(descriptor)
  }
}

/** Replaces a file atomically. A link in its place is not followed. @param {string} path @param {string} text */
export function replaceFile(path, text) {
  const draft = `${path}.new`
  rmSync(draft, { force: true })
  writeFileSync(draft, text, { mode: 0o600, flag: 'wx' })
  renameSync(draft, path)
}
