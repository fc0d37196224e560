// @ts-check
/**
 * Timer for something that must happen.
 *
 * Baileys waits for ever if WhatsApp answers the upgrade with an HTTP error, sends no codes, or neither answers nor closes.
 */

/**
 * @template Missed
 * @param {(missed: Missed) => void} onMissed
 */
export function createWatchdog(onMissed) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  const stop = () => clearTimeout(timer)
  return {
    /**
     * Replaces what is expected.
     * @param {Missed} what passed to `onMissed` if it does not happen in time
     * @param {number} timeout seconds
     */
    expect(what, timeout) {
      stop()
      timer = setTimeout(onMissed, timeout * 1000, what)
    },
    stop
  }
}
