// @ts-check
/** Jobs of phones, one after the other: two first messages at once would begin two conversations. */

export class Turns {
  /** @type {(() => Promise<void>)[]} */
  #waiting = []
  #isBusy = false

  /**
   * @template T
   * @param {() => Promise<T>} job
   * @returns {Promise<T>}
   */
  take(job) {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => job().then(resolve, reject))
      if (!this.#isBusy) void this.#work()
    })
  }

  /** Between two jobs the sockets have their turn: a message to a large group is hundreds of jobs. */
  async #work() {
    this.#isBusy = true
    for (let job = this.#waiting.shift(); job; job = this.#waiting.shift()) {
      await job()
      await new Promise(resolve => setImmediate(resolve))
    }
    this.#isBusy = false
  }
}
