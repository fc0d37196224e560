// @ts-check
/** Duplicates of Signal: messages whose key was used before. */

import { createRequire } from 'node:module'

/** It has no types. */
const { WhisperMessage } = createRequire(import.meta.url)('libsignal/src/protobufs.js')

/** Bytes around a message of Signal: its version, and its authentication code. */
const VERSION_BYTES = 1
const MAC_BYTES = 8

/** A message of Signal whose key was used before: a duplicate, or another message of a sender who lost a newer state. */
export class OldCounter extends Error {}

/** Error of libsignal. @param {unknown} error */
export function isOldCounterError(error) {
  return error instanceof Error && error.name === 'MessageCounterError'
}

/**
 * Whether the key of a message was used. libsignal tries all sessions of the sender and does not say why each one failed.
 * @param {Buffer} sealed
 * @param {any} record of libsignal
 */
export function hasOldCounter(sealed, record) {
  const { ephemeralKey, counter } = WhisperMessage.decode(sealed.subarray(VERSION_BYTES, -MAC_BYTES))
  const chains = (record?.getSessions() ?? []).map((/** @type {any} */ session) => session.getChain(ephemeralKey))
  return chains.some(
    (/** @type {any} */ chain) => chain && chain.chainKey.counter >= counter && !chain.messageKeys[counter]
  )
}
