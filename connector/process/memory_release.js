// @ts-check
/**
 * Gives memory back to the host when a session that has worked is quiet.
 *
 * V8 collects garbage only when it needs room. So an idle process keeps all that its last messages left behind, and pages for more.
 */

import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Time without a frame from or to WhatsApp after which a session is quiet. */
const QUIET_MS = 3_000

/** Bytes by which V8's heap must have grown. A collection takes as long as some 30 messages, and a login must not cause one. */
const MIN_GROWTH = 6 * 2 ** 20

/** @typedef {ReturnType<typeof createMemoryRelease>} MemoryRelease */

/**
 * @param {object} [options]
 * @param {() => number} [options.heap] bytes that V8's heap takes
 * @param {() => void} [options.collect]
 */
export function createMemoryRelease({ heap = heapSize, collect = collectGarbage } = {}) {
  let base = heap()
  let workedAt = 0
  let isWaiting = false

  /** @param {number} pause */
  const lookAfter = pause => {
    isWaiting = true
    setTimeout(look, pause).unref()
  }
  const hasGrown = () => heap() >= base + MIN_GROWTH
  const look = () => {
    const left = workedAt + QUIET_MS - performance.now()
    if (left > 0) return lookAfter(left)
    isWaiting = false
    if (!hasGrown()) return
    collect()
    base = heap()
  }
  return {
    /** Says that the session works. One that only keeps its link alive gets no timer. */
    note() {
      workedAt = performance.now()
      if (!isWaiting && hasGrown()) lookAfter(QUIET_MS)
    }
  }
}

const heapSize = () => getHeapStatistics().total_heap_size

/**
 * Collects all garbage, and releases pages that are empty then. Node offers that in a new context, under a flag of V8. Does nothing
 * in a Node that does not.
 */
export function collectGarbage() {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('globalThis.gc')
  setFlagsFromString('--no-expose-gc')
  gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
