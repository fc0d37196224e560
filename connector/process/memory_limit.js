// @ts-check
/** Memory limit: a process that has grown too large ends while it is idle, so that a fresh one takes its place. */

/** Time between two checks of the memory. */
const CHECK_INTERVAL_MS = 30_000

/** Time between two checks once the memory is above the limit. */
const IDLE_CHECK_INTERVAL_MS = 1_000

/** Checks (ten minutes of them) after which the process ends even if it is not idle. A stopped process makes no checks. */
const MAX_IDLE_CHECKS = 600

/**
 * @param {number} limit resident bytes
 * @param {{isIdle: () => boolean, recycle: () => void}} session
 * @param {Pick<import('./logger.js').Log, 'info' | 'warning'>} log
 * @param {() => number} resident bytes
 */
export function watchMemory(limit, session, log, resident = process.memoryUsage.rss) {
  let checks = 0
  const check = () => {
    const memory = resident()
    if (memory <= limit) checks = 0
    else if (session.isIdle() || checks >= MAX_IDLE_CHECKS) return recycle(memory)
    else if (checks++ === 0) log.warning('memory_above_limit', { memory, limit })
    setTimeout(check, checks ? IDLE_CHECK_INTERVAL_MS : CHECK_INTERVAL_MS).unref()
  }
  /** @param {number} memory */
  const recycle = memory => {
    log.info('recycled', { memory, limit })
    session.recycle()
  }
  setTimeout(check, CHECK_INTERVAL_MS).unref()
}
