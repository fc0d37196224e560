// @ts-check
/**
 * Loaded into a connector before its own code: takes back what keeps Motte from losing texts that Baileys by itself would lose.
 * Messages are sealed inside Baileys' own transaction (connector/outbound/sealing.js), and it ends that transaction, which saves the
 * keys, after the message has left: without this, a frame that waits (connector/network/frame_monitor.js) counts as taken at once.
 */

import { AsyncLocalStorage } from 'node:async_hooks'
import { syncBuiltinESMExports } from 'node:module'
import { setImmediate as othersHadTheirTurn } from 'node:timers/promises'
import util from 'node:util'

Object.assign(AsyncLocalStorage, {
  snapshot:
    () =>
    /** @param {(...args: any[]) => any} work @param {any[]} args */
    (work, ...args) =>
      work(...args)
})

const { promisify } = util

/** Frames of a handshake. Baileys must have its keys before WhatsApp answers the last one. */
const OF_HANDSHAKE = 2

/** Baileys waits so for its frames. Those that wait leave at the end of the turn. @param {(...args: any[]) => any} original */
const promisifyLate = original => {
  const promised = promisify(original)
  let frames = 0
  /** @this {unknown} @param {any[]} args */
  return async function (...args) {
    const result = await promised.apply(this, args)
    frames += 1
    if (frames <= OF_HANDSHAKE) return result
    await othersHadTheirTurn()
    await othersHadTheirTurn()
    return result
  }
}
Object.assign(util, { promisify: Object.assign(promisifyLate, promisify) })
syncBuiltinESMExports()
