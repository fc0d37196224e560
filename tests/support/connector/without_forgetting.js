// @ts-check
/**
 * Loaded into a connector before its own code: takes back that it forgets its Signal sessions and sender keys when its folder is
 * older than what was sent with them.
 */

import { DatabaseSync, StatementSync } from 'node:sqlite'

/** @param {string} sql */
const forgets = sql =>
  sql.startsWith("DELETE FROM credentials WHERE kind IN ('session'") ||
  sql.startsWith("DELETE FROM credentials WHERE kind = 'sender-key'")

const { exec } = DatabaseSync.prototype
const run = /** @type {(...values: any[]) => any} */ (StatementSync.prototype.run)

/** @this {DatabaseSync} @param {string} sql */
DatabaseSync.prototype.exec = function (sql) {
  if (!forgets(sql)) exec.call(this, sql)
}

/** @this {StatementSync} @param {any[]} values */
StatementSync.prototype.run = function (...values) {
  return forgets(this.sourceSQL) ? { changes: 0, lastInsertRowid: 0 } : run.apply(this, values)
}
