// @ts-check
/**
 * Messages, one after the other, in the order in which WhatsApp sends them.
 *
 * Baileys 7.0.0-rc14 begins with each message at once and looks up its sender before they queue, so that one whose
 * sender is new may be overtaken; and those that were waiting for this device queue elsewhere than those that come now.
 */

import { setImmediate as othersHadTheirTurn } from 'node:timers/promises'

const EVENT = 'CB:message'

/** @typedef {import('baileys').BinaryNode} Stanza */
/** @typedef {import('baileys').WASocket['ws']} Stream */

/**
 * @param {Stream} ws of a socket that was made just now
 */
export function keepInOrder(ws) {
  const [handle, ...others] = /** @type {((stanza: Stanza) => Promise<void>)[]} */ (ws.listeners(EVENT))
  if (!handle || others.length > 0) throw new Error('Baileys handles messages in another way than it did')
  ws.removeAllListeners(EVENT)
  let before = Promise.resolve()
  ws.on(EVENT, (/** @type {Stanza} */ stanza) => {
    before = before.then(async () => {
      if (ws.isOpen) await handle(asNew(stanza)) // else WhatsApp delivers it once more
      await othersHadTheirTurn()
    })
  })
}

/** Marked as one that was waiting, it would go into Baileys' other queue. @param {Stanza} stanza @returns {Stanza} */
function asNew({ attrs: { offline, ...attrs }, ...stanza }) {
  return { ...stanza, attrs }
}
