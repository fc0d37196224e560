// @ts-check
/**
 * Retention: what people wrote is erased from connector.db once the front keeps it no longer.
 *
 * Texts are in two tables besides the spool: of messages that were sent, for devices that ask for one again, and the answers of
 * polls, for votes. Ids and states stay: they tell a repeated command from a new one.
 */

/** Pause between two sweeps, as in the front. */
const SWEEP_INTERVAL_MS = 600_000

/**
 * The longest time for which anything is kept. WhatsApp's server keeps a message for a device that is switched off for 30 days
 * (WhatsApp's terms for businesses, "up to 30 days"; WhatsApp's own FAQ): no device asks for one again after that.
 */
export const LONGEST_MS = 30 * 86_400_000

/** @typedef {{erase: (before: number) => number}} Erasable erase: returns how many texts of before a moment, milliseconds since 1970, it has erased */

/**
 * @param {Pick<import('./database.js').ConnectorDatabase, 'connection' | 'transaction'>} database
 * @param {Erasable[]} tables
 * @param {{now?: () => number}} [options] now: milliseconds since 1970
 */
export function openRetention({ connection, transaction }, tables, { now = Date.now } = {}) {
  let keptMs = LONGEST_MS
  /** @type {NodeJS.Timeout | undefined} */
  let timer

  function sweep() {
    if (!connection.isOpen) return
    const before = now() - keptMs
    const erased = transaction(() => tables.reduce((sum, table) => sum + table.erase(before), 0))
    // The write-ahead log has pages of before the erasure.
    if (erased > 0) connection.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  }
  return {
    /** Erases what is older, now and from time to time. @param {number} seconds for which the front keeps a message */
    keepFor(seconds) {
      keptMs = Math.min(seconds * 1000, LONGEST_MS)
      clearInterval(timer)
      timer = setInterval(sweep, SWEEP_INTERVAL_MS).unref()
      sweep()
    },
    sweep
  }
}
