// @ts-check
/** Events that must reach the front: they stay in connector.db until it has acknowledged them. */

/**
 * Milliseconds until what was acknowledged is removed, if no event comes whose transaction does it. A row that a kill leaves
 * behind is removed once a front says hello: to remove each one at once would be a write to the disk for each.
 */
const REMOVE_WITHIN_MS = 200

/** @typedef {import('./database.js').Record} Record */
/** @typedef {ReturnType<typeof openSpool>} Spool */

/** @param {Pick<Record, 'database'>} record */
export function openSpool({ database }) {
  // AUTOINCREMENT remembers the last number, so that seq grows for the life of the folder.
  const insert = database.prepare('INSERT INTO spool (event) VALUES (:event)')
  const select = database.prepare('SELECT seq, event FROM spool WHERE seq > :seq ORDER BY seq LIMIT :limit')
  const remove = database.prepare('DELETE FROM spool WHERE seq <= :seq')
  const raise = database.prepare("UPDATE sqlite_sequence SET seq = :seq WHERE name = 'spool' AND seq < :seq")
  const begin = database.prepare(
    "INSERT INTO sqlite_sequence (name, seq) SELECT 'spool', :seq WHERE NOT EXISTS (SELECT * FROM sqlite_sequence)"
  )
  /** The last one that the front has stored. */
  let held = 0
  /** The last one that is removed. */
  let removed = 0
  const settle = () => {
    if (held > removed && database.isOpen) remove.run({ seq: held })
    removed = held
  }
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  return {
    /** @param {object} event */
    append(event) {
      settle()
      insert.run({ event: JSON.stringify(event) })
    },
    /**
     * The next events after one, oldest first.
     * @param {number} seq
     * @param {number} limit
     * @returns {{seq: number, event: any}[]}
     */
    after: (seq, limit) =>
      select
        .all({ seq: Math.max(seq, held), limit })
        .map(row => ({ seq: Number(row.seq), event: JSON.parse(String(row.event)) })),
    /** @param {number} seq the last one that the front has stored */
    forget(seq) {
      held = Math.max(held, seq)
      if (timer) return
      timer = setTimeout(() => {
        timer = undefined
        settle()
      }, REMOVE_WITHIN_MS).unref()
    },
    /** The front holds more than was ever written here: the folder is an older one, its numbers go on from there. @param {number} seq */
    outrun(seq) {
      if (seq === 0) return
      raise.run({ seq })
      begin.run({ seq })
    }
  }
}
