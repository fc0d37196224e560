// @ts-check
/**
 * Numbers and LIDs from the history that a phone sends to a new device.
 *
 * The history also holds the account's conversations, megabytes of them. None of it is kept. The payload is inflated and read piece
 * by piece, and everything except the addresses is skipped. (Baileys 7.0.0-rc14 would decode all of it, and keep each mapping in a
 * cache with its own timer.) A payload that WhatsApp wants downloaded is not read.
 */

import { createInflate } from 'node:zlib'
import { HistoryReader } from './history_reader.js'
import { Pairs } from './lid_pairs.js'

/** Bytes of an inflated payload that are read. */
const MAX_INFLATED_BYTES = 64 * 2 ** 20

/**
 * Bytes of the inflated payload that are in memory at once. A chunk of less than 8 KiB would be part of Node's pool, and could not
 * be released. From 128 KiB on, the C library would keep more free memory.
 */
const CHUNK_BYTES = 64 * 2 ** 10

/** Pairs of one history. Accounts have thousands of contacts, not more. */
const MAX_PAIRS = 50_000

/**
 * The pairs in a history notification; no pairs if it has no payload inside. Reading ends at the first fault.
 * @param {import('baileys').proto.Message.IHistorySyncNotification} notification
 * @param {{maxBytes?: number}} [options] maxBytes: bytes of the inflated payload that are read
 */
export async function pairsIn({ initialHistBootstrapInlinePayload: payload }, { maxBytes = MAX_INFLATED_BYTES } = {}) {
  const pairs = new Pairs(MAX_PAIRS)
  if (!payload?.length) return pairs
  const reader = new HistoryReader(pairs)
  const inflate = createInflate({ chunkSize: CHUNK_BYTES })
  inflate.end(payload)
  let read = 0
  /** Memory of the last chunk. Zlib may fill it until the next chunk comes or all is read. @type {ArrayBufferLike | undefined} */
  let memory
  try {
    for await (const chunk of inflate) {
      if (chunk.buffer !== memory) release(memory)
      memory = chunk.buffer
      read += chunk.length
      if (read > maxBytes) return pairs
      reader.push(chunk)
      if (pairs.isFull()) return pairs
    }
    release(memory)
  } catch {
    // torn, or not a history: the pairs that were found are still true
  }
  return pairs
}

/** Releases the memory of a chunk at once: an idle process collects no garbage. @param {ArrayBufferLike | undefined} memory */
function release(memory) {
  if (memory instanceof ArrayBuffer && memory.byteLength === CHUNK_BYTES) memory.transfer(0)
}
