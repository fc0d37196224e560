// @ts-check
/** What a connector remembers: connector.db, which this process alone may open while it lives. */

import { statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import {
  FolderBusy,
  isBusy,
  isDamage,
  isTrouble,
  isUndone,
  RecordCorrupted,
  RecordTooNew
} from '../process/exit_codes.js'

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
  ) STRICT;`,
  // Two members of a group may use one id. The addresses are those of the first copy's stanza, before any mapping; rows of the
  // schema before have no sender. Then: what was opened and nobody reads, and copies that could not be read.
  `CREATE TABLE received_by_sender (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    chat TEXT NOT NULL,
    sender TEXT,
    UNIQUE (id, chat, sender)
  ) STRICT;
  INSERT INTO received_by_sender (number, id, chat) SELECT number, id, chat FROM received;
  DROP TABLE received;
  ALTER TABLE received_by_sender RENAME TO received;
  CREATE TABLE opened (
    number INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE
  ) STRICT;
  CREATE TABLE unreadable (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    chat TEXT NOT NULL,
    sender TEXT NOT NULL,
    copies INTEGER NOT NULL,
    since INTEGER NOT NULL, -- milliseconds since 1970
    message TEXT, -- JSON; NULL: the front was told
    UNIQUE (id, chat, sender)
  ) STRICT;`
]

/** The newest schema that this program understands. */
const SCHEMA = STEPS.length

/** @typedef {ReturnType<typeof openRecord>} Record */

/**
 * Opens the record and begins the next epoch. Throws FolderBusy, RecordCorrupted, RecordTooNew; a file that is refused
 * stays as it is.
 * @param {string} folder
 * @param {(error: unknown) => void} [onTrouble] called at once when the folder fails: Baileys swallows what its key store throws
 */
export function openRecord(folder, onTrouble = () => {}) {
  const lock = takeLock(join(folder, 'lock'))
  const path = join(folder, 'connector.db')
  inspect(path)
  const database = openDatabase(path)
  const guarded = guard(onTrouble)
  const facts = openFacts(database)
  const epoch = Number(facts.get('epoch') ?? 0) + 1
  facts.set('epoch', epoch)
  return {
    database,
    facts,
    /** Which start of this session's connector this is. */
    epoch,
    /** The next epoch after one that a front has heard: the folder is older than what the front knows. @param {number} heard */
    outrun(heard) {
      facts.set('epoch', heard + 1)
      return heard + 1
    },
    guarded,
    transaction: transactions(database, guarded),
    close() {
      database.close()
      lock.close()
    }
  }
}

/**
 * A lock that the kernel frees when the process ends, however it ends.
 * @param {string} path
 * @returns {DatabaseSync}
 */
function takeLock(path) {
  const lock = new DatabaseSync(path)
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock.close()
    if (isBusy(error)) throw new FolderBusy(path)
    if (!isDamage(error)) throw error
    truncateSync(path) // Garbage is read only where nobody holds the lock, and means nothing.
    return takeLock(path)
  }
}

/**
 * Read-only, so that a damaged file is not touched: not even its log is folded in. Throws RecordCorrupted, RecordTooNew.
 * @param {string} path
 */
function inspect(path) {
  if (!statSync(path, { throwIfNoEntry: false })?.size) return
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const [said] = database.prepare('PRAGMA quick_check(1)').all()
    if (said?.quick_check !== 'ok') throw new RecordCorrupted(`connector.db is damaged: ${said?.quick_check}`)
    const version = Number(database.prepare('PRAGMA user_version').get()?.user_version)
    if (version > SCHEMA)
      throw new RecordTooNew(`connector.db has schema ${version}, this program understands ${SCHEMA}`)
  } catch (error) {
    if (isUndone(error)) return
    throw isDamage(error) ? new RecordCorrupted('connector.db is damaged', { cause: error }) : error
  } finally {
    database.close()
  }
}

/** @param {string} path */
function openDatabase(path) {
  const database = new DatabaseSync(path)
  // FULL: a pairing must survive a power cut. secure_delete: wiped credentials must be gone from the file.
  // A small cache (KiB): a history writes thousands of rows, and the memory for them would never go back to the host.
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA cache_size = -256'
  )
  const version = Number(database.prepare('PRAGMA user_version').get()?.user_version)
  if (version < SCHEMA) database.exec(`BEGIN; ${STEPS.slice(version).join('')} PRAGMA user_version = ${SCHEMA}; COMMIT`)
  return database
}

/** @param {(error: unknown) => void} onTrouble */
function guard(onTrouble) {
  /**
   * What `work` gives; where the folder fails it, that is told before it is thrown.
   * @template T
   * @param {() => T} work
   * @returns {T}
   */
  return work => {
    try {
      return work()
    } catch (error) {
      if (isTrouble(error)) onTrouble(error)
      throw error
    }
  }
}

/**
 * @param {DatabaseSync} database
 * @param {ReturnType<typeof guard>} guarded
 */
function transactions(database, guarded) {
  /**
   * All that `work` writes, or nothing. Synchronous: on return it is on the disk.
   * @template T
   * @param {() => T} work
   * @returns {T}
   */
  return work => {
    if (database.isTransaction) return work()
    return guarded(() => {
      database.exec('BEGIN IMMEDIATE')
      try {
        const result = work()
        database.exec('COMMIT')
        return result
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK')
        throw error
      }
    })
  }
}

/** @param {DatabaseSync} database */
function openFacts(database) {
  const read = database.prepare('SELECT value FROM facts WHERE name = :name')
  const write = database.prepare('INSERT OR REPLACE INTO facts (name, value) VALUES (:name, :value)')
  return {
    /** @param {string} name */
    get: name => read.get({ name })?.value,
    /** @param {string} name @param {number | string} value */
    set: (name, value) => void write.run({ name, value })
  }
}
