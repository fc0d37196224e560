// @ts-check
/** Databases of connectors, in folders of their own. */

import '../../../connector/process/silence_libraries.js'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openConnectorDatabase } from '../../../connector/storage/database.js'

process.umask(0o077)

/** @param {import('node:test').TestContext} t */
export function makeFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), 'motte-database-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

/**
 * The result of `use` with the database, which is opened before and closed after it.
 * @template T
 * @param {string} folder
 * @param {(database: import('../../../connector/storage/database.js').ConnectorDatabase) => T} use
 */
export function withDatabase(folder, use) {
  const database = openConnectorDatabase(folder)
  try {
    return use(database)
  } finally {
    database.close()
  }
}
