// @ts-check
/** Spool: events stay in connector.db until the front has acknowledged them. */

/**
 * Delay before acknowledged events are removed, unless the transaction of another event removes them earlier. Removing each one at
 * once would be one write to the disk for each. A row that a kill leaves behind is removed when a front says hello.
 */
const REMOVE_DELAY_MS = 200

/**
 * Events that may wait for a front, in bytes. WhatsApp keeps messages that are not confirmed, so it is asked to keep the rest: a
 * flood, or a front that is gone for days, must not fill the disk.
 */
export const MAX_SPOOL_BYTES = 32 * 2 ** 20

/** Events that wait for a front of a newer version. An upgrade takes minutes. */
const MAX_WITHHELD_EVENTS = 10_000

/** @typedef {import('./database.js').ConnectorDatabase} ConnectorDatabase */
/** @typedef {ReturnType<typeof openSpool>} Spool */

/**
 * @param {Pick<ConnectorDatabase, 'connection' | 'transaction' | 'commit'>} database
 * @param {{maxBytes?: number}} [options]
 */
export function openSpool({ connection, transaction, commit }, { maxBytes = MAX_SPOOL_BYTES } = {}) {
  // AUTOINCREMENT remembers the last number, so that seq grows for the life of the folder.
  const insert = connection.prepare('INSERT INTO spool (event) VALUES (:event)')
  const select = connection.prepare('SELECT seq, event FROM spool WHERE seq > :seq ORDER BY seq LIMIT :limit')
  const remove = connection.prepare('DELETE FROM spool WHERE seq <= :seq')
  const raise = connection.prepare("UPDATE sqlite_sequence SET seq = :seq WHERE name = 'spool' AND seq < :seq")
  const begin = connection.prepare(
    "INSERT INTO sqlite_sequence (name, seq) SELECT 'spool', :seq WHERE NOT EXISTS (SELECT * FROM sqlite_sequence)"
  )
  const size = connection.prepare('SELECT COALESCE(SUM(OCTET_LENGTH(event)), 0) AS bytes FROM spool WHERE seq > :seq')
  const last = connection.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'spool'")
  const withhold = connection.prepare(
    'INSERT INTO withheld (name, event) SELECT :name, event FROM spool WHERE seq = :seq'
  )
  const removeOne = connection.prepare('DELETE FROM spool WHERE seq = :seq')
  const trimWithheld = connection.prepare('DELETE FROM withheld WHERE number <= :last')
  const NAMED = 'FROM withheld WHERE name IN (SELECT value FROM json_each(:names))'
  const release = connection.prepare(`INSERT INTO spool (event) SELECT event ${NAMED} ORDER BY number`)
  const removeReleased = connection.prepare(`DELETE ${NAMED}`)
  const countWithheld = connection.prepare(`SELECT COUNT(*) AS number ${NAMED}`)
  /** Seq of the last event that the front has stored. */
  let acknowledged = 0
  const countBytes = () => Number(size.get({ seq: acknowledged })?.bytes)
  /** At least the bytes of the events that wait: they are counted again before anything is decided. */
  let bytes = countBytes()
  /** Seq of the last event that was removed. */
  let removed = 0
  const removeAcknowledged = () => {
    if (acknowledged > removed && connection.isOpen) remove.run({ seq: acknowledged })
    removed = acknowledged
  }
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  return {
    /** @param {object} event */
    append(event) {
      removeAcknowledged()
      const text = JSON.stringify(event)
      bytes += text.length
      insert.run({ event: text })
    },
    /** Whether no more messages are to be taken. */
    isFull() {
      if (bytes >= maxBytes) bytes = countBytes()
      return bytes >= maxBytes
    },
    /** Whether messages can be taken again: half of the room is free. */
    hasRoom() {
      bytes = countBytes()
      return bytes < maxBytes / 2
    },
    /**
     * The next events after one, oldest first. They are on the disk.
     * @param {number} seq
     * @param {number} limit
     * @returns {{seq: number, event: any}[]}
     */
    after(seq, limit) {
      commit()
      return select
        .all({ seq: Math.max(seq, acknowledged), limit })
        .map(row => ({ seq: Number(row.seq), event: JSON.parse(String(row.event)) }))
    },
    /**
     * Puts events aside that the front does not understand: it would drop them, and acknowledge them with the next one.
     * @param {{seq: number, event: {event: string}}[]} events
     */
    withhold(events) {
      transaction(() => {
        for (const { seq, event } of events) {
          const { lastInsertRowid } = withhold.run({ seq, name: event.event })
          trimWithheld.run({ last: Number(lastInsertRowid) - MAX_WITHHELD_EVENTS })
          removeOne.run({ seq })
        }
      })
    },
    /** Appends the events that were put aside, as far as the front understands them. @param {readonly string[]} names of its events */
    release(names) {
      const named = { names: JSON.stringify(names) }
      if (countWithheld.get(named)?.number === 0) return
      transaction(() => {
        release.run(named)
        removeReleased.run(named)
      })
      bytes = countBytes()
    },
    /** Seq of the last event that this folder has had; 0: none. */
    lastSeq: () => Number(last.get()?.seq ?? 0),
    /** @param {number} seq of the last event that the front has stored */
    forget(seq) {
      acknowledged = Math.max(acknowledged, seq)
      if (timer) return
      timer = setTimeout(() => {
        timer = undefined
        removeAcknowledged()
      }, REMOVE_DELAY_MS).unref()
    },
    /** Continues after a seq of the front, if the front has newer ones than this folder: the folder was restored. @param {number} seq */
    skipTo(seq) {
      if (seq === 0) return
      raise.run({ seq })
      begin.run({ seq })
    }
  }
}
