// @ts-check
/** Loaded into a connector before its own code: kills it right after its n-th frame has left for WhatsApp (DIES_AFTER). */

import { Socket } from 'node:net'

let left = Number(process.env.DIES_AFTER)

/** @param {Socket} socket */
const count = socket => {
  if (socket.remotePort === undefined || socket.writableCorked > 0) return
  left -= 1
  if (left === 0) process.kill(process.pid, 'SIGKILL')
}

for (const name of /** @type {const} */ (['write', 'uncork'])) {
  const original = /** @type {(...args: any[]) => any} */ (Socket.prototype[name])
  Object.assign(Socket.prototype, {
    /** @this {Socket} @param {any[]} args */
    [name](...args) {
      const result = original.apply(this, args)
      count(this)
      return result
    }
  })
}
