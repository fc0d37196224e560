// @ts-check
/** Events that must reach the front: they stay in connector.db until it has acknowledged them. */

/** @typedef {import('./record.js').Record} Record */
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
  return {
    /** @param {object} event */
    append: event => void insert.run({ event: JSON.stringify(event) }),
    /**
     * The next events after one, oldest first.
     * @param {number} seq
     * @param {number} limit
     * @returns {{seq: number, event: any}[]}
     */
    after: (seq, limit) =>
      select.all({ seq, limit }).map(row => ({ seq: Number(row.seq), event: JSON.parse(String(row.event)) })),
    /** @param {number} seq the last one that the front has stored */
    forget: seq => void remove.run({ seq }),
    /** The front holds more than was ever written here: the folder is an older one, its numbers go on from there. @param {number} seq */
    outrun(seq) {
      if (seq === 0) return
      raise.run({ seq })
      begin.run({ seq })
    }
  }
}
