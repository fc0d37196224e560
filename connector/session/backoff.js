// @ts-check
/** Delay before a paired connector connects again. */

const FIRST_DELAY_SECONDS = 1
const MAX_DELAY_SECONDS = 300

/** Random part of a delay, so that sessions that were cut together do not come back together. */
const JITTER_FRACTION = 0.2

/** Seconds that a connection must have been open before the delays start again at the first one. */
const HEALTHY_AFTER_SECONDS = 30

/**
 * @param {object} [sources]
 * @param {() => number} [sources.random] from 0 to 1
 */
export function createBackoff({ random = Math.random } = {}) {
  let failures = 0
  return {
    /**
     * Returns the next delay in seconds.
     * @param {number} openFor seconds that the last connection was open
     * @param {{first: number, longest: number} | null} [pause] seconds, for causes that need longer delays
     */
    next(openFor, pause) {
      const { first, longest } = pause ?? { first: FIRST_DELAY_SECONDS, longest: MAX_DELAY_SECONDS }
      failures = openFor >= HEALTHY_AFTER_SECONDS ? 1 : failures + 1
      const delay = Math.min(first * 2 ** (failures - 1), longest)
      return Math.round(delay * (1 + JITTER_FRACTION * (random() - 0.5)) * 100) / 100
    }
  }
}
