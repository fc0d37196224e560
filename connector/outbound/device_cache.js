// @ts-check
/**
 * Cache of the devices of accounts, for Baileys.
 *
 * Baileys' own forgets them after five minutes. It then asks for the devices and begins a new Signal session with the phone,
 * which uses up one of the contact's one-time keys. Baileys keeps this cache current: `devices` notifications change it, also
 * those that waited while the link was down. whatsmeow keeps its own for as long as the process runs.
 */

/** Milliseconds for which devices are believed, in case a notification was lost. */
const LIFETIME_MS = 24 * 3_600_000

/** Accounts: the members of a few large groups. */
const MAX_ACCOUNTS = 5_000

/** @typedef {ReturnType<typeof createDeviceCache>} DeviceCache */

/** @param {{lifetimeMs?: number, maxAccounts?: number, now?: () => number}} [options] now: milliseconds, monotonic */
export function createDeviceCache(options = {}) {
  const { lifetimeMs = LIFETIME_MS, maxAccounts = MAX_ACCOUNTS, now = () => performance.now() } = options
  /** The account that was used longest ago is the first. @type {Map<string, {value: any, until: number}>} */
  const entries = new Map()

  /** @param {string} user @returns {any} */
  const get = user => {
    const found = entries.get(user)
    entries.delete(user)
    if (!found || found.until <= now()) return undefined
    entries.set(user, found)
    return found.value
  }

  /** @param {string} user @param {unknown} value */
  const set = (user, value) => {
    entries.delete(user)
    entries.set(user, { value, until: now() + lifetimeMs })
    if (entries.size > maxAccounts) entries.delete(/** @type {string} */ (entries.keys().next().value))
  }
  return {
    get,
    set,
    del: (/** @type {string} */ user) => void entries.delete(user),
    flushAll: () => entries.clear(),
    mget: (/** @type {string[]} */ users) => Object.fromEntries(users.map(user => [user, get(user)])),
    mset: (/** @type {{key: string, value: unknown}[]} */ given) => given.forEach(({ key, value }) => set(key, value))
  }
}
