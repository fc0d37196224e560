// @ts-check
/**
 * Deadlines for Baileys' handling of one stanza.
 *
 * Nothing can stop a handler of Baileys. After its deadline the socket looks closed to it, and to all that it has started. It
 * then sends nothing more and leaves its stanza unconfirmed, as Baileys does when a connection is cut in the middle.
 */

import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * @typedef {object} Job handling of one stanza
 * @property {number} endsAt milliseconds, monotonic
 * @property {boolean} isStored the message of the stanza is on the disk
 */
/** @typedef {ReturnType<typeof createDeadlines>} Deadlines */

/**
 * Deadlines for the handlers of one socket.
 * @param {() => number} [now] milliseconds, monotonic
 */
export function createDeadlines(now = () => performance.now()) {
  /** @type {AsyncLocalStorage<Job>} */
  const jobs = new AsyncLocalStorage()
  /** Whether the deadline of the job that calls this is over. */
  const isOver = () => now() >= (jobs.getStore()?.endsAt ?? Infinity)
  return {
    isOver,
    /** The message of the job that calls this is on the disk. */
    markStored() {
      const job = jobs.getStore()
      if (job) job.isStored = true
    },
    /**
     * Begins a job.
     * @template T
     * @param {number} timeout seconds
     * @param {() => Promise<T>} work
     * @returns {{job: Job, done: Promise<T>}}
     */
    begin(timeout, work) {
      const job = { endsAt: now() + timeout * 1000, isStored: false }
      return { job, done: jobs.run(job, work) }
    },
    /** Ends a job now. @param {Job} job */
    end: job => void (job.endsAt = now()),
    /** Makes a socket look closed to jobs whose deadline is over. Baileys checks `isOpen` before it sends. @param {import('baileys').WASocket['ws']} ws */
    closeToLateJobs(ws) {
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
