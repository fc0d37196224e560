// @ts-check
/**
 * Baileys' look-ups of LIDs: the number with which WhatsApp replaces a telephone number.
 *
 * Baileys 7.0.0-rc14 makes up to four look-ups for one message and waits for each answer. If WhatsApp answers with an error, it
 * refuses the message for good. Here a failed look-up counts as one without a result: the message is then decrypted by the telephone
 * number, as it is for accounts without a LID.
 */

/** Pause before an account is looked up again if a look-up gave no LID. */
const REPEAT_PAUSE_SECONDS = 60

/** Accounts without a LID that are remembered. */
const MAX_REMEMBERED_ACCOUNTS = 1_000

/** @typedef {NonNullable<Parameters<NonNullable<import('baileys').UserFacingSocketConfig['makeSignalRepository']>>[2]>} FindNumbers */

/**
 * @param {FindNumbers} findNumbers Baileys' own
 * @param {() => number} [now] milliseconds, monotonic
 * @returns {FindNumbers} never rejected
 */
export function limitLookups(findNumbers, now = () => performance.now()) {
  /** When each account was looked up without a result, the oldest first. @type {Map<string, number>} */
  const missed = new Map()
  return async addresses => {
    const asked = addresses.filter(
      address => !(now() - (missed.get(address) ?? -Infinity) < REPEAT_PAUSE_SECONDS * 1000)
    )
    if (asked.length === 0) return []
    const found = (await findNumbers(asked).catch(() => [])) ?? []
    const missing = asked.filter(address => !found.some(({ pn }) => pn === address))
    for (const address of missing) {
      missed.delete(address)
      missed.set(address, now())
    }
    for (const oldest of [...missed.keys()].slice(0, Math.max(missed.size - MAX_REMEMBERED_ACCOUNTS, 0)))
      missed.delete(oldest)
    return found
  }
}
