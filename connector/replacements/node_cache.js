// @ts-check
/**
 * What Baileys uses of the package @cacheable/node-cache: a map whose entries expire. The bundle has it in place of the package.
 *
 * The package loads seven others, counts what is stored, and wakes the process every ten minutes. Baileys 7.0.0-rc14 makes four caches
 * for each socket. tests/connector/replacements hold this one against the package.
 */

export default class NodeCache {
  /** All live equally long, so the first one expires first. @type {Map<string, {value: unknown, until: number}>} */
  #entries = new Map()
  #lifetimeMs
  #now

  /** @param {{stdTTL: number, useClones: false, now?: () => number}} options stdTTL: seconds. now: milliseconds, monotonic */
  constructor({ stdTTL, useClones, now = () => performance.now() }) {
    if (!(stdTTL > 0) || useClones !== false) throw new TypeError('only caches that expire and share their values')
    this.#lifetimeMs = stdTTL * 1000
    this.#now = now
  }

  /** @param {string | number} key @returns {any} */
  get(key) {
    this.#dropExpired()
    return this.#entries.get(key.toString())?.value
  }

  /** @param {string | number} key @param {unknown} value */
  set(key, value) {
    this.#dropExpired()
    const name = key.toString()
    this.#entries.delete(name)
    this.#entries.set(name, { value, until: this.#now() + this.#lifetimeMs })
    return true
  }

  /** Returns how many were deleted. @param {string | number} key */
  del(key) {
    this.#dropExpired()
    return Number(this.#entries.delete(key.toString()))
  }

  /** The package stops its timer. */
  close() {}

  #dropExpired() {
    const now = this.#now()
    for (const [key, { until }] of this.#entries) {
      if (until > now) return
      this.#entries.delete(key)
    }
  }
}
