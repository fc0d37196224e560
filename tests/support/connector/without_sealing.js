// @ts-check
/**
 * Loaded into a connector before its own code: takes back what connector/outbound/sealing.js does. Messages are sealed inside
 * Baileys' own transaction then, which saves the keys after the message has left.
 */

import { AsyncLocalStorage } from 'node:async_hooks'

Object.assign(AsyncLocalStorage, {
  snapshot:
    () =>
    /** @param {(...args: any[]) => any} work @param {any[]} args */
    (work, ...args) =>
      work(...args)
})
