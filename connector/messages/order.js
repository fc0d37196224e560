// @ts-check
/**
 * Messages, one after the other, in the order in which WhatsApp sends them; none holds up the others for long.
 *
 * Baileys 7.0.0-rc14 begins with each message at once and looks up its sender before they queue, so that one whose
 * sender is new may be overtaken; and those that were waiting for this device queue elsewhere than those that come now.
 * Its own queue never gives up on a message. Here a message has some seconds. Then the next one begins, and the first is
 * skipped: what its handler does later has no effect, WhatsApp gets no receipt and delivers the message again at the next
 * login.
 */

import { setImmediate as othersHadTheirTurn } from 'node:timers/promises'

const EVENT = 'CB:message'

/**
 * Seconds. `message`: until the queue goes on without it. `afterTaken`: for what follows a message that is on the disk, from
 * its beginning. `other`: for a notification or a receipt, once its turn has come; an upload of keys may take 30 s of them.
 */
export const WITHIN = { message: 20, afterTaken: 60, other: 40 }

/** @typedef {import('baileys').BinaryNode} Stanza */
/** @typedef {import('baileys').WASocket['ws']} Stream */
/** @typedef {(stanza: Stanza) => Promise<void>} Handle */
/** @typedef {ReturnType<typeof keepInOrder>} Arrivals */

/**
 * @param {Pick<import('baileys').WASocket, 'ws' | 'messageMutex' | 'notificationMutex' | 'receiptMutex'>} socket that was made just now
 * @param {import('./deadlines.js').Deadlines} deadlines
 * @param {object} [options]
 * @param {(stanza: Stanza) => void} [options.onSkip]
 * @param {(stanza: Stanza) => void} [options.onTurn] called right before Baileys handles it
 * @param {(stanza: Stanza) => void} [options.onDone] called once Baileys has done what it does about it
 * @param {typeof WITHIN} [options.within]
 */
export function keepInOrder({ ws, messageMutex, notificationMutex, receiptMutex }, deadlines, options = {}) {
  const { onSkip = () => {}, onTurn = () => {}, onDone = () => {}, within = WITHIN } = options
  const handle = takeHandler(ws, EVENT)
  openMutex(messageMutex)
  deadlines.guard(ws)
  let before = Promise.resolve()
  /** When the message at the head of the queue began, milliseconds; null while the queue is empty. @type {number | null} */
  let headSince = null

  ws.on(EVENT, (/** @type {Stanza} */ stanza) => {
    before = before.then(async () => {
      if (ws.isOpen) await begin(stanza) // else WhatsApp delivers it once more
      await othersHadTheirTurn()
    })
  })
  for (const mutex of [notificationMutex, receiptMutex]) limit(mutex, deadlines, within.other)

  /** @param {Stanza} stanza */
  async function begin(stanza) {
    headSince = performance.now()
    onTurn(stanza)
    const { job, done } = deadlines.begin(within.afterTaken, () => handle(asNew(stanza)))
    if (await isDone(done, within.message)) onDone(stanza)
    else if (!job.isTaken) {
      deadlines.end(job)
      onSkip(stanza)
    }
    headSince = null
  }
  return {
    /** Seconds since the message at the head of the queue began; 0 if no message is handled. */
    headAge: () => (headSince === null ? 0 : (performance.now() - headSince) / 1000)
  }
}

/**
 * Whether it was done within so many seconds. Its failure is Baileys' own, and no reason for the queue to stop.
 * @param {Promise<void>} done
 * @param {number} within
 */
function isDone(done, within) {
  const handled = done.then(
    () => true,
    error => {
      Promise.reject(error)
      return true
    }
  )
  return unlessLate(handled, within, false)
}

/**
 * What a promise gives, or something else after so many seconds.
 * @template T, Late
 * @param {Promise<T>} promise
 * @param {number} within
 * @param {Late} instead
 * @returns {Promise<T | Late>}
 */
function unlessLate(promise, within, instead) {
  const { promise: late, resolve } = Promise.withResolvers()
  const timer = setTimeout(resolve, within * 1000, instead)
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/**
 * Lets the next one in a queue of Baileys' begin if this one takes too long.
 * @param {import('baileys').WASocket['notificationMutex']} mutex
 * @param {import('./deadlines.js').Deadlines} deadlines
 * @param {number} within seconds
 */
function limit(mutex, deadlines, within) {
  const queue = ofMutex(mutex)
  mutex.mutex = (/** @type {() => any} */ code) => {
    return queue(() => unlessLate(deadlines.begin(within, async () => code()).done, within, undefined))
  }
}

/** Baileys' own listener, which listens no more. @param {Stream} ws @param {string} event @returns {Handle} */
function takeHandler(ws, event) {
  const [handle, ...others] = /** @type {Handle[]} */ (ws.listeners(event))
  if (!handle || others.length > 0) throw new Error(`Baileys handles ${event} in another way than it did`)
  ws.removeAllListeners(event)
  return handle
}

/** Baileys' own queue would wait for a message that was skipped. @param {import('baileys').WASocket['messageMutex']} messageMutex */
function openMutex(messageMutex) {
  ofMutex(messageMutex)
  messageMutex.mutex = code => Promise.resolve(code())
}

/** @param {import('baileys').WASocket['messageMutex']} mutex */
function ofMutex(mutex) {
  if (typeof mutex?.mutex !== 'function') throw new Error('Baileys queues stanzas in another way than it did')
  return mutex.mutex.bind(mutex)
}

/** Marked as one that was waiting, it would go into Baileys' other queue. @param {Stanza} stanza @returns {Stanza} */
function asNew({ attrs: { offline, ...attrs }, ...stanza }) {
  return { ...stanza, attrs }
}
