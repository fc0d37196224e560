// @ts-check
/** A set of texts that forgets the oldest ones. */

export class RecentKeys {
  /** @type {Set<string>} */
  #keys = new Set()
  #most

  /** @param {number} most how many it keeps */
  constructor(most) {
    this.#most = most
  }

  /** @param {string} key */
  has(key) {
    return this.#keys.has(key)
  }

  /** @param {string} key */
  add(key) {
    this.#keys.add(key)
    const [oldest] = this.#keys
    if (this.#keys.size > this.#most && oldest !== undefined) this.#keys.delete(oldest)
  }

  /** @param {string} key */
  delete(key) {
    return this.#keys.delete(key)
  }

  clear() {
    this.#keys.clear()
  }
}
