// @ts-check
/** Database of a connector: connector.db. No other process may open it while this one runs. */

import { statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import {
  DatabaseCorrupted,
  DatabaseTooNew,
  FolderBusy,
  isBusy,
  isCorruption,
  isStorageFailure,
  needsRollback
} from '../process/exit_codes.js'
import { checkRegular } from '../process/files.js'
import { migrate, SCHEMA_VERSION, versionOf } from './schema.js'
import { openTransactions } from './transactions.js'

/** What SQLite adds to a database's name. */
const SUFFIXES = ['', '-journal', '-wal', '-shm']

/** Every file that a connector keeps in its folder. */
export const DATABASE_FILES = ['lock', 'connector.db'].flatMap(name => SUFFIXES.map(suffix => name + suffix))

/** @typedef {ReturnType<typeof openConnectorDatabase>} ConnectorDatabase */

/**
 * Opens the database and begins the next epoch. Throws FolderBusy, WrongKind, DatabaseCorrupted,
 * DatabaseTooNew; a file that is refused stays as it is.
 * @param {string} folder
 * @param {(error: unknown) => void} [onStorageFailure] called at once when the folder fails: Baileys swallows errors of its key store
 */
export function openConnectorDatabase(folder, onStorageFailure = () => {}) {
  const path = join(folder, 'connector.db')
  checkRegular(...DATABASE_FILES.map(name => join(folder, name)))
  const lock = takeLock(join(folder, 'lock'))
  check(path)
  const connection = connect(path)
  const guarded = guard(onStorageFailure)
  const facts = openFacts(connection)
  const epoch = Number(facts.get('epoch') ?? 0) + 1
  facts.set('epoch', epoch)
  const { commit, ...transactions } = openTransactions(connection, guarded)
  return {
    connection,
    facts,
    /** Number of this start of the session's connector. */
    epoch,
    /** Returns the first epoch after one that a front has seen. The folder is older than that: it was restored. @param {number} seen */
    skipEpochsTo(seen) {
      facts.set('epoch', seen + 1)
      return seen + 1
    },
    guarded,
    commit,
    ...transactions,
    close() {
      commit()
      connection.close()
      lock.close()
    }
  }
}

/** Makes the database of a session that has none yet: its tables, and nothing in them. @param {string} folder */
export function makeConnectorDatabase(folder) {
  connect(join(folder, 'connector.db')).close()
}

/**
 * Takes a lock that the kernel frees at every end of the process.
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
    if (!isCorruption(error)) throw error
    truncateSync(path) // Garbage can be read only if no process holds the lock, and means nothing.
    return takeLock(path)
  }
}

/**
 * Checks the file. It is opened read-only, so that a damaged file stays as it is, with its write-ahead log. Throws
 * DatabaseCorrupted, DatabaseTooNew.
 * @param {string} path
 */
function check(path) {
  if (!statSync(path, { throwIfNoEntry: false })?.size) return
  const connection = new DatabaseSync(path, { readOnly: true })
  try {
    const [result] = connection.prepare('PRAGMA quick_check(1)').all()
    if (result?.quick_check !== 'ok') throw new DatabaseCorrupted(`connector.db is damaged: ${result?.quick_check}`)
    const version = versionOf(connection)
    if (version > SCHEMA_VERSION)
      throw new DatabaseTooNew(`connector.db has schema ${version}, this program understands ${SCHEMA_VERSION}`)
  } catch (error) {
    if (needsRollback(error)) return
    throw isCorruption(error) ? new DatabaseCorrupted('connector.db is damaged', { cause: error }) : error
  } finally {
    connection.close()
  }
}

/** @param {string} path */
function connect(path) {
  const connection = new DatabaseSync(path)
  // FULL: a pairing must survive a power cut. secure_delete: wiped credentials must be gone from the file.
  // A small cache (KiB): a history writes thousands of rows, and the memory for them would never go back to the host.
  connection.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA cache_size = -256'
  )
  migrate(connection)
  return connection
}

/** @param {(error: unknown) => void} onStorageFailure */
function guard(onStorageFailure) {
  /**
   * Returns the result of `work`. A failure of the folder is reported before it is thrown.
   * @template T
   * @param {() => T} work
   * @returns {T}
   */
  return work => {
    try {
      return work()
    } catch (error) {
      if (isStorageFailure(error)) onStorageFailure(error)
      throw error
    }
  }
}

/** @param {DatabaseSync} connection */
function openFacts(connection) {
  const read = connection.prepare('SELECT value FROM facts WHERE name = :name')
  const write = connection.prepare('INSERT OR REPLACE INTO facts (name, value) VALUES (:name, :value)')
  return {
    /** @param {string} name */
    get: name => read.get({ name })?.value,
    /** @param {string} name @param {number | string} value */
    set: (name, value) => void write.run({ name, value })
  }
}
