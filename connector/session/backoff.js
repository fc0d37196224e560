// @ts-check
/** How long a paired connector waits before it connects again. */

/** Seconds. */
const FIRST = 1
const LONGEST = 300

/** The part of a delay that chance decides, so that sessions that were cut together do not come back together. */
const JITTER = 0.2

/** Seconds that a link must have been open to be called healthy: after that, counting starts anew. */
const HEALTHY = 30

/**
 * @param {object} [sources]
 * @param {() => number} [sources.random] from 0 to 1
 */
export function createBackoff({ random = Math.random } = {}) {
  let failures = 0
  return {
    /**
     * Seconds to wait.
     * @param {number} openFor seconds that the link which just ended was open
     * @param {{first: number, longest: number} | null} [pause] seconds, for causes that want more patience
     */
    next(openFor, pause) {
      const { first, longest } = pause ?? { first: FIRST, longest: LONGEST }
      failures = openFor >= HEALTHY ? 1 : failures + 1
      const delay = Math.min(first * 2 ** (failures - 1), longest)
      return Math.round(delay * (1 + JITTER * (random() - 0.5)) * 100) / 100
    }
  }
}
