// @ts-check
/** How a connector's process ends, and what is wrong with its folder where that ends it; supervisord's plugin reads the code. */

export const EXIT = /** @type {const} */ ({
  done: 0, // asleep, logged out, or waiting for a person
  crashed: 1,
  busy: 70, // another process holds the folder
  noRoom: 74, // nothing can be written or opened: tried again until it can
  restart: 75, // paired just now: a fresh process is 20 MB smaller than the one that paired
  recycle: 76, // grown too large, likewise
  lost: 78, // the credentials of a paired account are gone
  corrupted: 79, // there is something in their place that cannot be read
  tooNew: 80, // a newer program wrote them
  otherServer: 81 // the account was linked with another server than the settings name
})

/** Another process acts for this session. */
export class FolderBusy extends Error {}

/** What the folder holds cannot be read. It stays as it is, for a person to look at. */
export class RecordCorrupted extends Error {}

/** A newer program wrote what the folder holds, and this one could damage it. */
export class RecordTooNew extends Error {}

/** SQLite's primary result codes, whose extended ones have more bits. */
const SQLITE = { perm: 3, busy: 5, readonly: 8, ioerr: 10, corrupt: 11, full: 13, cantopen: 14, notadb: 26 }
const READONLY_ROLLBACK = 776
const DISK = new Set([SQLITE.perm, SQLITE.readonly, SQLITE.ioerr, SQLITE.full, SQLITE.cantopen])
const DAMAGE = new Set([SQLITE.corrupt, SQLITE.notadb])

/** @param {any} error @returns {number | undefined} undefined: it is not SQLite's */
const sqliteCode = error => (error?.code === 'ERR_SQLITE_ERROR' ? error.errcode & 0xff : undefined)

/** @param {unknown} error */
export const isBusy = error => sqliteCode(error) === SQLITE.busy

/** @param {unknown} error */
export const isDamage = error => error instanceof RecordCorrupted || DAMAGE.has(sqliteCode(error) ?? 0)

/**
 * Whether a process was killed in the middle of a change that is to be taken back, which opening the file for writing does. It
 * happens to a record that is being made: later changes go through a log instead.
 * @param {unknown} error of opening it for reading alone
 */
export const isUndone = error =>
  sqliteCode(error) === SQLITE.readonly && /** @type {any} */ (error).errcode === READONLY_ROLLBACK

/** Whether the folder or its disk is to blame: nothing that this process did. @param {unknown} error */
export const isTrouble = error => isDamage(error) || DISK.has(sqliteCode(error) ?? 0)

/**
 * Logs an error that nobody can handle; the code that the process ends with.
 * @param {unknown} error
 * @param {import('./logger.js').Log} log
 * @param {import('./logger.js').Fields} about what may be said of it
 */
export function reported(error, log, about) {
  if (error instanceof FolderBusy) {
    log.error('folder_busy')
    return EXIT.busy
  }
  if (error instanceof RecordTooNew) {
    log.error('record_too_new', about)
    return EXIT.tooNew
  }
  if (isDamage(error)) {
    log.error('record_corrupted', about)
    return EXIT.corrupted
  }
  if (isTrouble(error)) {
    log.error('no_room', about)
    return EXIT.noRoom
  }
  log.error('crashed', about)
  return EXIT.crashed
}
