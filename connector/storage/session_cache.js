// @ts-check
/**
 * Cache of Signal sessions, in front of their rows.
 *
 * To send one message, Baileys reads the session of each device twice and writes it once. To parse it again each time is a third
 * of what the connector does itself. A session is replaced as a whole with each change, and never changed in place.
 */

/** Characters of the texts of all sessions that are kept: those of some hundred devices. */
const MAX_CHARACTERS = 2 ** 20

/** @typedef {ReturnType<typeof createSessionCache>} SessionCache */

/** @param {{maxCharacters?: number}} [options] */
export function createSessionCache({ maxCharacters = MAX_CHARACTERS } = {}) {
  /** The session that was used longest ago is the first. @type {Map<string, {session: unknown, length: number}>} */
  const entries = new Map()
  let characters = 0

  /** @param {string} id */
  const drop = id => {
    characters -= entries.get(id)?.length ?? 0
    entries.delete(id)
  }
  return {
    /** @param {string} id @returns {unknown} undefined if it is not kept */
    get(id) {
      const found = entries.get(id)
      if (!found) return undefined
      entries.delete(id)
      entries.set(id, found)
      return found.session
    },
    /** @param {string} id @param {unknown} session @param {number} length of its text */
    keep(id, session, length) {
      drop(id)
      entries.set(id, { session, length })
      characters += length
      while (characters > maxCharacters) drop(/** @type {string} */ (entries.keys().next().value))
    },
    drop,
    clear() {
      entries.clear()
      characters = 0
    }
  }
}
