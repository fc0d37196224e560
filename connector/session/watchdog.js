// @ts-check
/**
 * Barks when something that must happen does not.
 *
 * Baileys waits for ever where WhatsApp answers the upgrade with an HTTP error, sends no codes, or neither speaks nor
 * hangs up.
 */

/**
 * @template Missed
 * @param {(missed: Missed) => void} onBark
 */
export function createWatchdog(onBark) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  const rest = () => clearTimeout(timer)
  return {
    /**
     * From now on this is awaited, and nothing else.
     * @param {Missed} what
     * @param {number} within seconds
     */
    expect(what, within) {
      rest()
      timer = setTimeout(onBark, within * 1000, what)
    },
    rest
  }
}
