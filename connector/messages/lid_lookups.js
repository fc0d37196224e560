// @ts-check
/**
 * Baileys' look-ups of the number that stands in for a telephone number (its LID).
 *
 * Baileys 7.0.0-rc14 asks up to four times for one message, waits for each answer, and refuses the message for good if
 * WhatsApp answers with an error. A look-up that failed counts as one that found nothing: the message is then decrypted by
 * the telephone number, as it is for accounts without a LID.
 */

/** Seconds in which an account that was looked up in vain is not looked up again. */
const AGAIN_AFTER = 60

/** Accounts that are remembered at most. */
const REMEMBERED = 1_000

/** @typedef {NonNullable<Parameters<NonNullable<import('baileys').UserFacingSocketConfig['makeSignalRepository']>>[2]>} FindNumbers */

/**
 * @param {FindNumbers} findNumbers Baileys' own
 * @param {() => number} [now] milliseconds, monotonic
 * @returns {FindNumbers} never rejected
 */
export function askOnce(findNumbers, now = () => performance.now()) {
  /** When each was looked up in vain, the oldest first. @type {Map<string, number>} */
  const missed = new Map()
  return async addresses => {
    const asked = addresses.filter(address => !(now() - (missed.get(address) ?? -Infinity) < AGAIN_AFTER * 1000))
    if (asked.length === 0) return []
    const found = (await findNumbers(asked).catch(() => [])) ?? []
    const missing = asked.filter(address => !found.some(({ pn }) => pn === address))
    for (const address of missing) {
      missed.delete(address)
      missed.set(address, now())
    }
    for (const oldest of [...missed.keys()].slice(0, Math.max(missed.size - REMEMBERED, 0))) missed.delete(oldest)
    return found
  }
}
