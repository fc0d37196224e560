// @ts-check
/** What a connector remembers: connector.db, which this process alone may open while it lives. */

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** SQLite's code for "somebody else holds it". */
const SQLITE_BUSY = 5

/** What each schema adds to the one before it. */
const STEPS = [
  `CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value ANY
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE credentials (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE spool (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL
  ) STRICT;`,
  // Messages that were spooled, so that one which WhatsApp delivers once more is known again.
  `CREATE TABLE received (
    number INTEGER PRIMARY KEY,
    chat TEXT NOT NULL,
    id TEXT NOT NULL,
    UNIQUE (chat, id)
  ) STRICT;`
]

/** The newest schema that this program understands. */
const SCHEMA = STEPS.length

/** Another process acts for this session. */
export class FolderBusy extends Error {}

/** @typedef {ReturnType<typeof openRecord>} Record */

/**
 * Opens the record and begins the next epoch. Throws FolderBusy.
 * @param {string} folder
 */
export function openRecord(folder) {
  const lock = takeLock(join(folder, 'lock'))
  const database = openDatabase(join(folder, 'connector.db'))
  const transaction = transactions(database)
  const facts = openFacts(database)
  const epoch = Number(facts.get('epoch') ?? 0) + 1
  facts.set('epoch', epoch)
  return {
    database,
    facts,
    /** Which start of this session's connector this is. */
    epoch,
    transaction,
    close() {
      database.close()
      lock.close()
    }
  }
}

/**
 * A lock that the kernel frees when the process ends, however it ends.
 * @param {string} path
 */
function takeLock(path) {
  const lock = new DatabaseSync(path)
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    if (/** @type {{errcode?: number}} */ (error).errcode === SQLITE_BUSY) throw new FolderBusy(path)
    throw error
  }
}

/** @param {string} path */
function openDatabase(path) {
  const database = new DatabaseSync(path)
  // FULL: a pairing must survive a power cut. secure_delete: wiped credentials must be gone from the file.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON')
  const version = Number(database.prepare('PRAGMA user_version').get()?.user_version)
  if (version > SCHEMA) throw new Error(`connector.db has schema ${version}, this program understands ${SCHEMA}`)
  if (version < SCHEMA) database.exec(`BEGIN; ${STEPS.slice(version).join('')} PRAGMA user_version = ${SCHEMA}; COMMIT`)
  return database
}

/** @param {DatabaseSync} database */
function transactions(database) {
  /**
   * All that `work` writes, or nothing. Synchronous: on return it is on the disk.
   * @template T
   * @param {() => T} work
   * @returns {T}
   */
  return work => {
    if (database.isTransaction) return work()
    database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      database.exec('COMMIT')
      return result
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }
}

/** @param {DatabaseSync} database */
function openFacts(database) {
  const read = database.prepare('SELECT value FROM facts WHERE name = :name')
  const write = database.prepare('INSERT OR REPLACE INTO facts (name, value) VALUES (:name, :value)')
  return {
    /** @param {string} name */
    get: name => read.get({ name })?.value,
    /** @param {string} name @param {number} value */
    set: (name, value) => void write.run({ name, value })
  }
}
