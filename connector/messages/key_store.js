// @ts-check
/** Key store for Baileys that takes messages among the keys, so that both are one transaction. */

import { KIND as LID_MAPPING } from './lid_mapping.js'

/** Kind under which a message travels among the keys of a transaction. Baileys has no kind of this name. */
export const MESSAGE_KEY_KIND = 'motte-message'

/** @typedef {import('baileys').SignalKeyStore} KeyStore */

/**
 * @param {KeyStore} keys
 * @param {import('./dedup.js').Dedup} dedup gets the messages
 * @param {(mapping: Record<string, unknown>) => void} [onMapping] called with rows of numbers and LIDs that are about to be written
 * @returns {KeyStore}
 */
export function withMessages(keys, dedup, onMapping = () => {}) {
  return {
    get: (kind, ids) => keys.get(kind, ids),
    set(changes) {
      const { [MESSAGE_KEY_KIND]: messages = {}, ...others } = /** @type {Record<string, any>} */ (changes)
      const copies = Object.values(messages)
      // A transaction would write to the disk what waits for the next frame.
      if (copies.length === 0 && !(LID_MAPPING in others)) return keys.set(others)
      if (others[LID_MAPPING]) onMapping(others[LID_MAPPING])
      dedup.store(copies, () => void keys.set(others), others[LID_MAPPING])
    }
  }
}
