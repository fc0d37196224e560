// @ts-check
/**
 * Deadlines for what Baileys does about one stanza.
 *
 * Nothing can stop a handler of Baileys'. After its deadline the socket looks closed to it, and to all that it has started:
 * it then sends nothing more and leaves its stanza unconfirmed, as Baileys does when a connection is cut in the middle.
 */

import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * @typedef {object} Job what runs for one stanza
 * @property {number} endsAt milliseconds, monotonic
 * @property {boolean} isTaken what the stanza brought is on the disk
 */
/** @typedef {ReturnType<typeof createDeadlines>} Deadlines */

/**
 * For the handlers of one socket.
 * @param {() => number} [now] milliseconds, monotonic
 */
export function createDeadlines(now = () => performance.now()) {
  /** @type {AsyncLocalStorage<Job>} */
  const jobs = new AsyncLocalStorage()
  /** Whether the code that asks works for a stanza whose time is over. */
  const isOver = () => now() >= (jobs.getStore()?.endsAt ?? Infinity)
  return {
    isOver,
    /** What the stanza brought, for which the code that asks works, is on the disk. */
    take() {
      const job = jobs.getStore()
      if (job) job.isTaken = true
    },
    /**
     * Begins a job.
     * @template T
     * @param {number} within seconds
     * @param {() => Promise<T>} work
     * @returns {{job: Job, done: Promise<T>}}
     */
    begin(within, work) {
      const job = { endsAt: now() + within * 1000, isTaken: false }
      return { job, done: jobs.run(job, work) }
    },
    /** Ends a job now. @param {Job} job */
    end: job => void (job.endsAt = now()),
    /** Makes a socket look closed to jobs whose time is over. Baileys looks at this before it sends. @param {import('baileys').WASocket['ws']} ws */
    guard(ws) {
      const isOpen = getter(ws, 'isOpen')
      Object.defineProperty(ws, 'isOpen', { get: () => !isOver() && isOpen.call(ws) })
    }
  }
}

/**
 * @param {object} object
 * @param {string} name
 * @returns {() => boolean}
 */
function getter(object, name) {
  for (let owner = object; owner; owner = Object.getPrototypeOf(owner)) {
    const found = Object.getOwnPropertyDescriptor(owner, name)?.get
    if (found) return found
  }
  throw new Error(
    `Baileys' socket has no getter "${name}" any more: a handler that takes too long could not be cut off`
  )
}
