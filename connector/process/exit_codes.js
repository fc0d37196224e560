// @ts-check
/** Exit codes of a connector, which supervisord's plugin reads, and the errors of its folder that end it. */

import { WrongKind } from './files.js'

export const EXIT = /** @type {const} */ ({
  done: 0, // asleep, logged out, or waiting for a person
  crashed: 1,
  busy: 70, // another process holds the folder
  noRoom: 74, // nothing can be written or opened; supervisord starts it again until it can
  restart: 75, // it has just paired: a fresh process is 20 MB smaller than the one that paired
  recycle: 76, // it has grown too large: a fresh process is smaller
  lost: 78, // the credentials of a paired account are gone
  corrupted: 79, // they cannot be read
  tooNew: 80, // a newer program wrote them
  otherServer: 81 // the account was linked with another server than the settings name
})

/** Another process acts for this session. */
export class FolderBusy extends Error {}

/** The database cannot be read. It stays as it is, so that a person can look at it. */
export class DatabaseCorrupted extends Error {}

/** A newer program wrote the database, and this one could damage it. */
export class DatabaseTooNew extends Error {}

/** SQLite's primary result codes. Extended codes have more bits. */
const SQLITE = { perm: 3, busy: 5, readonly: 8, ioerr: 10, corrupt: 11, full: 13, cantopen: 14, notadb: 26 }
const READONLY_ROLLBACK = 776
const DISK = new Set([SQLITE.perm, SQLITE.readonly, SQLITE.ioerr, SQLITE.full, SQLITE.cantopen])
const DAMAGE = new Set([SQLITE.corrupt, SQLITE.notadb])

/** @param {any} error @returns {number | undefined} undefined: not an error of SQLite */
const sqliteCode = error => (error?.code === 'ERR_SQLITE_ERROR' ? error.errcode & 0xff : undefined)

/** @param {unknown} error */
export const isBusy = error => sqliteCode(error) === SQLITE.busy

/** @param {unknown} error */
export const isCorruption = error => error instanceof DatabaseCorrupted || DAMAGE.has(sqliteCode(error) ?? 0)

/**
 * Whether a process was killed during a change that must be rolled back. Opening the file for writing does that. It happens only
 * while the database is being made: later changes go through a write-ahead log.
 * @param {unknown} error of opening it only for reading
 */
export const needsRollback = error =>
  sqliteCode(error) === SQLITE.readonly && /** @type {any} */ (error).errcode === READONLY_ROLLBACK

/** Whether the folder or its disk has failed, and not this process. @param {unknown} error */
export const isStorageFailure = error =>
  isCorruption(error) || error instanceof WrongKind || DISK.has(sqliteCode(error) ?? 0)

/**
 * Logs an error that ends the process. Returns the exit code.
 * @param {unknown} error
 * @param {import('./logger.js').Log} log
 * @param {import('./logger.js').Fields} about log fields that hold nothing secret
 */
export function logFatalError(error, log, about) {
  if (error instanceof FolderBusy) {
    log.error('folder_busy')
    return EXIT.busy
  }
  if (error instanceof DatabaseTooNew) {
    log.error('record_too_new', about)
    return EXIT.tooNew
  }
  if (isCorruption(error)) {
    log.error('record_corrupted', about)
    return EXIT.corrupted
  }
  if (isStorageFailure(error)) {
    log.error('no_room', about)
    return EXIT.noRoom
  }
  log.error('crashed', about)
  return EXIT.crashed
}
