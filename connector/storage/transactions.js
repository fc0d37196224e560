// @ts-check
/**
 * Transactions of a connector's database.
 *
 * A write to the disk takes milliseconds, in which the process does nothing else. So what nobody has seen yet may wait: `soon` leaves
 * its transaction open, and whatever is written next is committed with it. Nothing leaves the process before `commit`, neither a
 * frame to WhatsApp nor an event to the front, so nobody can know of what a kill undoes.
 */

/** @typedef {ReturnType<typeof openTransactions>} Transactions */

/**
 * @param {import('node:sqlite').DatabaseSync} connection
 * @param {<T>(work: () => T) => T} guarded reports a failure of the folder
 */
export function openTransactions(connection, guarded) {
  let isWorking = false
  /** Whether a transaction of `soon` is open. */
  let isOpen = false
  /** Called once what is open is on the disk. @type {Set<() => void>} */
  const afterwards = new Set()
  /** Called after writes were undone. @type {(() => void)[]} */
  const undone = []

  /** @template T @param {() => T} work @returns {T} */
  function run(work) {
    connection.exec(isOpen ? 'SAVEPOINT work' : 'BEGIN IMMEDIATE')
    isWorking = true
    try {
      const result = work()
      if (isOpen) connection.exec('RELEASE work')
      return result
    } catch (error) {
      if (connection.isTransaction) connection.exec(isOpen ? 'ROLLBACK TO work; RELEASE work' : 'ROLLBACK')
      for (const forget of undone) forget()
      throw error
    } finally {
      isWorking = false
    }
  }

  function end() {
    isOpen = false
    guarded(() => {
      try {
        connection.exec('COMMIT')
      } catch (error) {
        if (connection.isTransaction) connection.exec('ROLLBACK')
        for (const forget of undone) forget()
        throw error
      }
    })
  }

  /** Writes to the disk what `soon` has left open. */
  function commit() {
    if (!isOpen || isWorking) return
    end()
    const works = [...afterwards]
    afterwards.clear()
    for (const work of works) work()
  }
  return {
    commit,
    /** Calls `work` once all that was written so far is on the disk: now, or after `commit`. @param {() => void} work */
    afterCommit(work) {
      if (isOpen) afterwards.add(work)
      else work()
    },
    /** Calls `forget` after writes were undone: what is kept of them in memory is wrong. @param {() => void} forget */
    onUndo: forget => void undone.push(forget),
    /** Whether a transaction is at work, which may still undo what was written. */
    isWorking: () => isWorking,
    /**
     * Writes all of `work`, or nothing. Synchronous: the writes are on the disk when it returns.
     * @template T
     * @param {() => T} work
     * @returns {T}
     */
    transaction(work) {
      if (isWorking) return work()
      const result = guarded(() => run(work))
      if (isOpen) commit()
      else end()
      return result
    },
    /**
     * Writes all of `work`, or nothing. The writes are on the disk after `commit`, at the end of this turn of the event loop at the
     * latest.
     * @template T
     * @param {() => T} work
     * @param {() => void} [afterCommit] called once they are on the disk; once for all that was written together
     * @returns {T}
     */
    soon(work, afterCommit) {
      if (isWorking) return work()
      const result = guarded(() => run(work))
      if (!isOpen) setImmediate(commit)
      isOpen = true
      if (afterCommit) afterwards.add(afterCommit)
      return result
    }
  }
}
