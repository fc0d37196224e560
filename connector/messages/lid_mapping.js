// @ts-check
/**
 * Rows in which Baileys 7.0.0-rc14 stores the LID of each number: `number` holds the LID, `LID_reverse` the number.
 *
 * They are read and written without the cache of Baileys, which would keep each pair for days. Baileys reads a row when it needs it.
 */

/** Kind of these rows among the credentials. */
export const KIND = 'lid-mapping'

/** What follows a LID in the name of its row. */
export const REVERSE = '_reverse'

/** @typedef {ReturnType<typeof openLidMapping>} LidMapping */

/** @param {import('node:sqlite').DatabaseSync} connection */
export function openLidMapping(connection) {
  const saveLids = connection.prepare(`INSERT OR REPLACE INTO credentials (kind, id, value)
    SELECT '${KIND}', key, json_quote(value) FROM json_each(:pairs)`)
  const saveNumbers = connection.prepare(`INSERT OR REPLACE INTO credentials (kind, id, value)
    SELECT '${KIND}', value || '${REVERSE}', json_quote(key) FROM json_each(:pairs)`)
  return {
    /** Writes the pairs of a history. @param {Pick<import('./lid_pairs.js').Pairs, 'pieces'>} pairs */
    write(pairs) {
      for (const piece of pairs.pieces()) {
        saveLids.run({ pairs: piece })
        saveNumbers.run({ pairs: piece })
      }
    },
    /** Releases the memory that SQLite needed to write thousands of rows. */
    shrink: () => connection.exec('PRAGMA shrink_memory')
  }
}

/**
 * The LID of a number, or the number of a LID.
 * @param {Pick<import('baileys').SignalKeyStore, 'get'>} keys a store that answers at once
 * @param {string} user digits
 * @param {{isLid: boolean}} of
 * @returns {string | undefined}
 */
export function otherUser(keys, user, { isLid }) {
  const id = isLid ? `${user}${REVERSE}` : user
  return /** @type {Record<string, string | undefined>} */ (keys.get(KIND, [id]))[id]
}
