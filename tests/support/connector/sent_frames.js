// @ts-check
/** What this process has written to WhatsApp. Imported by what is loaded into a connector before its own code. */

import { Socket } from 'node:net'

/** Calls `note` after each write of an open connection, unless the write is held back. @param {() => void} note */
export function afterEachFrame(note) {
  for (const name of /** @type {const} */ (['write', 'uncork'])) {
    const original = /** @type {(...args: any[]) => any} */ (Socket.prototype[name])
    Object.assign(Socket.prototype, {
      /** @this {Socket} @param {any[]} args */
      [name](...args) {
        const result = original.apply(this, args)
        if (this.remotePort !== undefined && this.writableCorked === 0) note()
        return result
      }
    })
  }
}
