// @ts-check
/**
 * Which number belongs to which LID, as the history says that a phone sends to a new device.
 *
 * The history holds the account's conversations too, megabytes of them. None of it is kept. The payload is inflated and read
 * piece by piece, and all but the addresses is passed over. (Baileys 7.0.0-rc14 would decode the whole of it, and keep each
 * mapping in a cache with a timer of its own.) A payload that WhatsApp wants downloaded is left where it is.
 */

import { createInflate } from 'node:zlib'
import { HistoryReader } from './history_reader.js'
import { Pairs } from './pairs.js'

/** Bytes of an inflated payload that are read. */
const MOST_INFLATED = 64 * 2 ** 20

/**
 * Bytes of the inflated payload that are there at once. Fewer than 8 KiB would share the memory of Node's pool, and could not be
 * given back; from 128 KiB on, the C library would learn to keep more free memory.
 */
const CHUNK = 64 * 2 ** 10

/** Pairs that one history may bring: accounts have thousands of contacts, not more. */
const MOST_PAIRS = 50_000

/**
 * The pairs in a notification of history; none if it has no payload inside. What cannot be read ends them.
 * @param {import('baileys').proto.Message.IHistorySyncNotification} notification
 * @param {{most?: number}} [options] most: bytes of the inflated payload that are read
 */
export async function pairsIn({ initialHistBootstrapInlinePayload: payload }, { most = MOST_INFLATED } = {}) {
  const pairs = new Pairs()
  if (!payload?.length) return pairs
  const reader = new HistoryReader(pairs)
  const inflate = createInflate({ chunkSize: CHUNK })
  inflate.end(payload)
  let read = 0
  /** That of the last chunk. Zlib may still fill it, until another one comes or all is read. @type {ArrayBufferLike | undefined} */
  let memory
  try {
    for await (const chunk of inflate) {
      if (chunk.buffer !== memory) release(memory)
      memory = chunk.buffer
      read += chunk.length
      if (read > most) return pairs
      reader.push(chunk)
      if (pairs.count >= MOST_PAIRS) return pairs
    }
    release(memory)
  } catch {
    // torn or no history at all: what was found so far is true all the same
  }
  return pairs
}

/** Gives back the memory of a chunk at once: an idle process collects no garbage. @param {ArrayBufferLike | undefined} memory */
function release(memory) {
  if (memory instanceof ArrayBuffer && memory.byteLength === CHUNK) memory.transfer(0)
}
