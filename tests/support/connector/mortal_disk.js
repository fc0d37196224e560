// @ts-check
/**
 * Loaded into a connector before its own code: kills it at its n-th transaction (DIES_AT_COMMIT), right before the commit or right
 * after it (DIES=before or after).
 */

import { DatabaseSync } from 'node:sqlite'

let left = Number(process.env.DIES_AT_COMMIT)
const { exec } = DatabaseSync.prototype

/** @this {DatabaseSync} @param {string} sql */
DatabaseSync.prototype.exec = function (sql) {
  const isLast = sql === 'COMMIT' && --left === 0
  if (isLast && process.env.DIES === 'before') process.kill(process.pid, 'SIGKILL')
  exec.call(this, sql)
  if (isLast) process.kill(process.pid, 'SIGKILL')
}
