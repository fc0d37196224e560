// @ts-check
/**
 * The rows in which Baileys 7.0.0-rc14 keeps which number belongs to which LID: `number` holds the LID, `LID_reverse` the number.
 *
 * They are read and written past the cache of Baileys, which would keep each pair for days. Baileys reads a row when it needs it.
 */

const KIND = 'lid-mapping'
const REVERSE = '_reverse'

/** @typedef {ReturnType<typeof openLidMapping>} LidMapping */

/** @param {import('node:sqlite').DatabaseSync} database */
export function openLidMapping(database) {
  const saveLids = database.prepare(`INSERT OR REPLACE INTO credentials (kind, id, value)
    SELECT '${KIND}', key, json_quote(value) FROM json_each(:pairs)`)
  const saveNumbers = database.prepare(`INSERT OR REPLACE INTO credentials (kind, id, value)
    SELECT '${KIND}', value || '${REVERSE}', json_quote(key) FROM json_each(:pairs)`)
  return {
    /** Writes the pairs of a history. @param {Pick<import('./pairs.js').Pairs, 'pieces'>} pairs */
    write(pairs) {
      for (const piece of pairs.pieces()) {
        saveLids.run({ pairs: piece })
        saveNumbers.run({ pairs: piece })
      }
    },
    /** Gives back what the database needed to write thousands of rows. */
    shrink: () => database.exec('PRAGMA shrink_memory')
  }
}

/**
 * The LID that belongs to a number, or the number that belongs to a LID.
 * @param {Pick<import('baileys').SignalKeyStore, 'get'>} keys a store that answers at once
 * @param {string} user digits
 * @param {{isLid: boolean}} of
 * @returns {string | undefined}
 */
export function otherUser(keys, user, { isLid }) {
  const id = isLid ? `${user}${REVERSE}` : user
  return /** @type {Record<string, string | undefined>} */ (keys.get(KIND, [id]))[id]
}
