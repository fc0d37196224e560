// @ts-check
/** Counter of skipped messages: they took too long, so that the queue went on without them. */

/** Skips of a message after which no new socket is opened for it. It then waits for the next login. */
const MAX_SKIPS_WITH_REOPENING = 3

/** Messages whose count is remembered. */
const MAX_REMEMBERED_MESSAGES = 1_000

/** @typedef {ReturnType<typeof createSkipCounter>} SkipCounter */

/** Counts for the life of this process, over all of its sockets. */
export function createSkipCounter() {
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
      if (times.size > MAX_REMEMBERED_MESSAGES && oldest !== undefined) times.delete(oldest)
      return { times: count, isWorthReopening: count < MAX_SKIPS_WITH_REOPENING }
    }
  }
}

/** Chat, sender and id: two members of a group may use the same id. @param {import('baileys').BinaryNode} stanza */
const nameOf = ({ attrs: { from, recipient, participant, id } }) => JSON.stringify([from, recipient, participant, id])
