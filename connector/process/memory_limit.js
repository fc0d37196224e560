// @ts-check
/** Gives memory back to the host: a process that has grown too large makes room for a fresh one, in a quiet moment. */

/** Milliseconds between two looks at the memory, and between two looks for a quiet moment once it is too much. */
const LOOK_MS = 30_000
const LOOK_AGAIN_MS = 1_000

/** Looks for a quiet moment, ten minutes of them; then any moment will do. A process that was stopped meanwhile took none. */
const LOOKS = 600

/**
 * @param {number} limit bytes resident
 * @param {{isQuiet: () => boolean, recycle: () => void}} session
 * @param {Pick<import('./logger.js').Log, 'info' | 'warning'>} log
 * @param {() => number} resident bytes
 */
export function watchMemory(limit, session, log, resident = process.memoryUsage.rss) {
  let looks = 0
  const look = () => {
    const memory = resident()
    if (memory <= limit) looks = 0
    else if (session.isQuiet() || looks >= LOOKS) return recycle(memory)
    else if (looks++ === 0) log.warning('memory_above_limit', { memory, limit })
    setTimeout(look, looks ? LOOK_AGAIN_MS : LOOK_MS).unref()
  }
  /** @param {number} memory */
  const recycle = memory => {
    log.info('recycled', { memory, limit })
    session.recycle()
  }
  setTimeout(look, LOOK_MS).unref()
}
