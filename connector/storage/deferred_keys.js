// @ts-check
/**
 * Keys that are saved with the next frame: what seals a message has to be on the disk before the message leaves, and not sooner.
 *
 * A message to a large group is sealed for thousands of devices. One write to the disk for each would take many seconds.
 */

import { AsyncLocalStorage } from 'node:async_hooks'

/** Kinds that only sealing changes. Until the next frame, a loss of them loses nothing that anybody has seen. */
const DEFERRED_KINDS = new Set(['session', 'sender-key'])

/** Set while something is sealed. @type {AsyncLocalStorage<boolean>} */
const sealing = new AsyncLocalStorage()

/** Keys that `work` changes may wait for the next frame. @template T @param {() => T} work */
export const untilNextFrame = work => sealing.run(true, work)

/** @typedef {import('baileys').SignalKeyStore} KeyStore */

/**
 * @param {KeyStore & {setSoon: KeyStore['set']}} keys a store that answers at once. setSoon: `set` that may share a write to the disk
 * @returns {KeyStore & {flush: () => void, forget: () => void}} flush: writes what waits, in one transaction of `setSoon`. forget: drops it
 */
export function deferKeys(keys) {
  /** By kind and id. @type {Map<string, Map<string, unknown>>} */
  const waiting = new Map()
  let count = 0

  /** @param {string} kind @param {string} id */
  const drop = (kind, id) => {
    if (waiting.get(kind)?.delete(id)) count -= 1
  }

  /** @param {string} kind @param {Record<string, unknown>} values */
  const defer = (kind, values) => {
    const ofKind = waiting.get(kind) ?? new Map()
    waiting.set(kind, ofKind)
    for (const [id, value] of Object.entries(values)) {
      if (!ofKind.has(id)) count += 1
      ofKind.set(id, value)
    }
  }

  const forget = () => {
    waiting.clear()
    count = 0
  }
  return {
    get(kind, ids) {
      const ofKind = waiting.get(kind)
      if (!ofKind?.size) return keys.get(kind, ids)
      const found = /** @type {Record<string, any>} */ (
        keys.get(
          kind,
          ids.filter(id => !ofKind.has(id))
        )
      )
      for (const id of ids) if (ofKind.get(id)) found[id] = ofKind.get(id)
      return found
    },
    set(changes) {
      /** @type {Record<string, any>} */
      const now = {}
      for (const [kind, values = {}] of Object.entries(changes)) {
        if (sealing.getStore() && DEFERRED_KINDS.has(kind)) defer(kind, /** @type {any} */ (values))
        else now[kind] = values
      }
      for (const [kind, values] of Object.entries(now)) for (const id of Object.keys(values)) drop(kind, id)
      return Object.keys(now).length > 0 ? keys.set(now) : undefined
    },
    flush() {
      if (count === 0) return
      const changes = Object.fromEntries([...waiting].map(([kind, values]) => [kind, Object.fromEntries(values)]))
      keys.setSoon(changes)
      forget()
    },
    forget
  }
}
