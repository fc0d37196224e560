// @ts-check
/**
 * Queue of messages: Baileys handles one after the other, in the order of WhatsApp, and none holds up the others for long.
 *
 * Baileys 7.0.0-rc14 begins with each message at once and looks up its sender before the message queues, so that a message of
 * a new sender may be overtaken. Messages that waited for this device have another queue than those that come now. Its own queue
 * never gives up on a message. Here a message has some seconds. Then the next one begins, and the first is skipped: what its
 * handler does later has no effect. WhatsApp gets no receipt, and delivers the message again at the next login.
 */

import { setImmediate as othersHadTheirTurn } from 'node:timers/promises'

/**
 * Messages that came together are handled in one turn of the event loop: they share a write to the disk. So many at most, and those
 * that begin within so many milliseconds: everything else waits meanwhile.
 */
const MESSAGES_A_TURN = 32
const TURN_MS = 20

const MESSAGE_EVENT = 'CB:message'

/**
 * Limits for the handling of one stanza. `message`: until the queue goes on without it. `afterStored`: for a message that is on
 * the disk, from its beginning. `other`: for a notification or a receipt, from its turn; an upload of keys may take 30 s.
 */
export const HANDLER_TIMEOUT_SECONDS = { message: 20, afterStored: 60, other: 40 }

/** @typedef {import('baileys').BinaryNode} Stanza */
/** @typedef {import('baileys').WASocket['ws']} Stream */
/** @typedef {import('baileys').WASocket['notificationMutex']} Mutex */
/** @typedef {(stanza: Stanza) => Promise<void>} Handle */
/** @typedef {ReturnType<typeof openMessageQueue>} MessageQueue */

/**
 * @param {Pick<import('baileys').WASocket, 'ws' | 'messageMutex' | 'notificationMutex' | 'receiptMutex'>} socket that was just made
 * @param {import('./deadlines.js').Deadlines} deadlines
 * @param {object} [options]
 * @param {(stanza: Stanza) => void} [options.onSkip]
 * @param {() => boolean} [options.isFull] whether no more messages can be stored
 * @param {() => void} [options.onFull] called once: no later message of this socket is handled, so that their order stays
 * @param {(stanza: Stanza) => void} [options.onTurn] called right before Baileys handles a message
 * @param {(stanza: Stanza) => void} [options.onDone] called after Baileys has handled it
 * @param {(handle: Handle) => Handle} [options.through] makes what handles a message, of Baileys' own handler
 * @param {typeof HANDLER_TIMEOUT_SECONDS} [options.timeouts]
 */
export function openMessageQueue({ ws, messageMutex, notificationMutex, receiptMutex }, deadlines, options = {}) {
  const { onSkip = () => {}, onTurn = () => {}, onDone = () => {}, timeouts = HANDLER_TIMEOUT_SECONDS } = options
  const { isFull = () => false, onFull = () => {}, through = handle => handle } = options
  const handle = through(takeHandler(ws, MESSAGE_EVENT))
  bypassMutex(messageMutex)
  deadlines.closeToLateJobs(ws)
  let last = Promise.resolve()
  /** When the message at the head of the queue began, milliseconds; null while the queue is empty. @type {number | null} */
  let headSince = null
  let isHolding = false
  let waiting = 0
  let inThisTurn = 0
  let turnEndsAt = 0

  ws.on(MESSAGE_EVENT, (/** @type {Stanza} */ stanza) => {
    waiting += 1
    last = last.then(async () => {
      waiting -= 1
      if (inThisTurn === 0) turnEndsAt = performance.now() + TURN_MS
      if (ws.isOpen && !isHeld()) await begin(stanza) // else WhatsApp delivers it again
      inThisTurn += 1
      if (waiting > 0 && inThisTurn < MESSAGES_A_TURN && performance.now() < turnEndsAt) return
      inThisTurn = 0
      await othersHadTheirTurn()
    })
  })
  for (const mutex of [notificationMutex, receiptMutex]) limitTurns(mutex, deadlines, timeouts.other)

  function isHeld() {
    if (!isHolding && isFull()) {
      isHolding = true
      onFull()
    }
    return isHolding
  }

  /** @param {Stanza} stanza */
  async function begin(stanza) {
    headSince = performance.now()
    onTurn(stanza)
    const { job, done } = deadlines.begin(timeouts.afterStored, () => handle(asNew(stanza)))
    if (await isDone(done, timeouts.message)) onDone(stanza)
    else if (!job.isStored) {
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
 * Whether it was done in time. A failure is Baileys' own, and no reason for the queue to stop.
 * @param {Promise<void>} done
 * @param {number} timeout seconds
 */
function isDone(done, timeout) {
  const handled = done.then(
    () => true,
    error => {
      Promise.reject(error)
      return true
    }
  )
  return unlessLate(handled, timeout, false)
}

/**
 * The value of a promise, or another value after a timeout.
 * @template T, Late
 * @param {Promise<T>} promise
 * @param {number} timeout seconds
 * @param {Late} instead
 * @returns {Promise<T | Late>}
 */
function unlessLate(promise, timeout, instead) {
  const { promise: late, resolve } = Promise.withResolvers()
  const timer = setTimeout(resolve, timeout * 1000, instead)
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/**
 * Limits each turn in a queue of Baileys. The next turn begins after that.
 * @param {Mutex} mutex
 * @param {import('./deadlines.js').Deadlines} deadlines
 * @param {number} timeout seconds
 */
function limitTurns(mutex, deadlines, timeout) {
  const queue = functionOf(mutex)
  mutex.mutex = (/** @type {() => any} */ code) => {
    return queue(() => unlessLate(deadlines.begin(timeout, async () => code()).done, timeout, undefined))
  }
}

/** Removes Baileys' own listener and returns it. @param {Stream} ws @param {string} event @returns {Handle} */
function takeHandler(ws, event) {
  const [handle, ...others] = /** @type {Handle[]} */ (ws.listeners(event))
  if (!handle || others.length > 0) throw new Error(`Baileys handles ${event} in another way than it did`)
  ws.removeAllListeners(event)
  return handle
}

/** Makes Baileys' own queue run at once. It would wait for a skipped message. @param {Mutex} messageMutex */
function bypassMutex(messageMutex) {
  functionOf(messageMutex)
  messageMutex.mutex = code => Promise.resolve(code())
}

/** @param {Mutex} mutex */
function functionOf(mutex) {
  if (typeof mutex?.mutex !== 'function') throw new Error('Baileys queues stanzas in another way than it did')
  return mutex.mutex.bind(mutex)
}

/** Removes the mark of a message that waited, with which it would go into Baileys' other queue. @param {Stanza} stanza @returns {Stanza} */
function asNew({ attrs: { offline, ...attrs }, ...stanza }) {
  return { ...stanza, attrs }
}
