// @ts-check
/** Messages that took too long, so that the queue went on without them. */

/** Times that a message is skipped before a link is no longer opened again for it alone: it waits for the next login then. */
const WORTH = 3

/** Messages whose count is remembered at most. */
const REMEMBERED = 1_000

/** @typedef {ReturnType<typeof createSkipped>} Skipped */

/** Counts for the life of this process, over all of its links. */
export function createSkipped() {
  /** The least recently skipped first. @type {Map<string, number>} */
  const times = new Map()
  return {
    /**
     * Counts that a message was skipped.
     * @param {import('baileys').BinaryNode} stanza
     * @returns {{times: number, isWorthReopening: boolean}} times: so far, this one included
     */
    add(stanza) {
      const key = nameOf(stanza)
      const count = (times.get(key) ?? 0) + 1
      times.delete(key)
      times.set(key, count)
      const [oldest] = times.keys()
      if (times.size > REMEMBERED && oldest !== undefined) times.delete(oldest)
      return { times: count, isWorthReopening: count < WORTH }
    }
  }
}

/** Chat, sender and id: two members of a group may use the same id. @param {import('baileys').BinaryNode} stanza */
const nameOf = ({ attrs: { from, recipient, participant, id } }) => JSON.stringify([from, recipient, participant, id])
