// @ts-check
/**
 * Which number belongs to which LID, as the history says that a phone sends to a new device.
 *
 * The history holds the account's conversations too, megabytes of them. None of it is kept: the payload is inflated and
 * read piece by piece, and all but the addresses is passed over, so that it costs no memory. (Baileys 7.0.0-rc14 would decode
 * the whole of it, and keep each mapping in a cache with a timer of its own.) A payload that WhatsApp wants downloaded is left
 * where it is. Field numbers: HistorySync, Conversation and PhoneNumberToLIDMapping in WAProto of Baileys.
 */

import { createInflate } from 'node:zlib'

/** Bytes of an inflated payload that are read. */
const MOST_INFLATED = 64 * 2 ** 20

/** Bytes of the inflated payload that are there at once. Smaller ones would share the memory of Node's pool, and could not be given back. */
const CHUNK = 128 * 2 ** 10

/** Pairs that one history may bring: accounts have thousands of contacts, not more. */
const MOST_PAIRS = 50_000

/** Bytes of an address: real ones are far shorter. */
const LONGEST_ADDRESS = 100

/** @typedef {'pn' | 'lid' | 'id'} Name */
/** @typedef {Record<number, Name>} Fields */

/** What is looked into, and the fields of it that are read: the name under which each is kept. @type {Record<number, Fields>} */
const PARTS = {
  2: { 1: 'id', 39: 'pn', 42: 'lid' }, // a conversation
  15: { 1: 'pn', 2: 'lid' } // a mapping
}

const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 }

/**
 * The pairs in a notification of history; none if it has no payload inside. What cannot be read ends them.
 * @param {import('baileys').proto.Message.IHistorySyncNotification} notification
 * @param {{most?: number}} [options] most: bytes of the inflated payload that are read
 */
export async function pairsIn({ initialHistBootstrapInlinePayload: payload }, { most = MOST_INFLATED } = {}) {
  const pairs = new Pairs()
  if (!payload?.length) return pairs
  const reader = new Reader(pairs)
  const inflate = createInflate({ chunkSize: CHUNK })
  inflate.end(payload)
  let read = 0
  try {
    for await (const chunk of inflate) {
      read += chunk.length
      if (read > most) break
      reader.push(chunk)
      release(chunk)
      if (pairs.count >= MOST_PAIRS) break
    }
  } catch {
    // torn or no history at all: what was found so far is true all the same
  }
  return pairs
}

/**
 * Gives back the memory of a chunk at once: a process that idles collects no garbage, and would keep the whole history.
 * Only one that is full: zlib goes on to fill another.
 * @param {Buffer} chunk
 */
function release({ buffer, length }) {
  if (buffer instanceof ArrayBuffer && length === CHUNK && buffer.byteLength === CHUNK) buffer.transfer(0)
}

/** Numbers with their LIDs, digits both, as bytes: thousands of texts that live for a moment would make the heap grow for good. */
export class Pairs {
  count = 0
  #bytes = Buffer.alloc(0)
  #length = 0

  /** @param {string} pn @param {string} lid */
  add(pn, lid) {
    const line = `${pn} ${lid}\n`
    if (this.#length + line.length > this.#bytes.length) this.#grow(line.length)
    this.#length += this.#bytes.write(line, this.#length, 'latin1')
    this.count += 1
  }

  *[Symbol.iterator]() {
    for (let at = 0; at < this.#length; ) {
      const end = this.#bytes.indexOf(10, at)
      const [pn = '', lid = ''] = this.#bytes.toString('latin1', at, end).split(' ')
      yield [pn, lid]
      at = end + 1
    }
  }

  /** @param {number} more */
  #grow(more) {
    const bytes = Buffer.alloc(Math.max(2 * this.#bytes.length, this.#length + more, 4096))
    this.#bytes.copy(bytes, 0, 0, this.#length)
    this.#bytes = bytes
  }
}

/** Reads protobuf as it comes in. It makes no object for what it passes over. */
class Reader {
  #pairs
  /** @type {Buffer} */
  #bytes = Buffer.alloc(0)
  /** Where in `#bytes` it is, and where those begin in the whole. */
  #at = 0
  #before = 0
  /** Bytes to come that are passed over. */
  #skip = 0
  /** The conversation or mapping that is being read: its fields, where it ends in the whole, what it has said. @type {{fields: Fields, end: number, found: Partial<Record<Name, string>>} | null} */
  #part = null
  /** What `#varint` has read, and where that ends in `#bytes`. */
  #value = 0
  #end = 0

  /** @param {Pairs} pairs where it adds what it finds */
  constructor(pairs) {
    this.#pairs = pairs
  }

  /** @param {Buffer} chunk it is not used any more when this returns */
  push(chunk) {
    const rest = this.#bytes.length - this.#at
    this.#before += this.#at
    this.#bytes = rest > 0 ? Buffer.concat([this.#bytes.subarray(this.#at), chunk]) : chunk
    this.#at = 0
    while (this.#step());
    this.#before += this.#at
    this.#bytes = Buffer.from(this.#bytes.subarray(this.#at)) // a few bytes
    this.#at = 0
  }

  /** Whether something was read. */
  #step() {
    this.#leave()
    if (this.#skip > 0) return this.#pass()
    if (!this.#varint(this.#at)) return false
    const [field, wire] = [Math.floor(this.#value / 8), this.#value % 8]
    if (wire === WIRE.bytes) return this.#varint(this.#end) && this.#open(field, this.#value)
    if (wire === WIRE.varint) return this.#varint(this.#end) && this.#take(this.#end)
    const end = this.#end + widthOf(wire)
    return end <= this.#bytes.length && this.#take(end)
  }

  /** @param {number} field @param {number} length of what begins at `#end` */
  #open(field, length) {
    const [fields, name] = [this.#part ? undefined : PARTS[field], this.#part?.fields[field]]
    const begin = this.#end
    if (fields) this.#part = { fields, end: this.#before + begin + length, found: {} }
    else if (!name || length > LONGEST_ADDRESS) this.#skip = length
    else if (this.#bytes.length < begin + length) return false
    else if (this.#part) this.#part.found[name] = this.#bytes.toString('utf8', begin, begin + length)
    return this.#take(fields || this.#skip > 0 ? begin : begin + length)
  }

  /** A part has ended: what it said belongs together. */
  #leave() {
    if (!this.#part || this.#skip > 0 || this.#before + this.#at < this.#part.end) return
    const { pn, lid, id } = this.#part.found
    const [number, other] = [userOf(pn ?? id, 's.whatsapp.net'), userOf(lid ?? id, 'lid')]
    if (number && other) this.#pairs.add(number, other)
    this.#part = null
  }

  #pass() {
    const count = Math.min(this.#skip, this.#bytes.length - this.#at)
    this.#skip -= count
    return count > 0 && this.#take(this.#at + count)
  }

  /** @param {number} end of what is done with @returns {true} */
  #take(end) {
    this.#at = end
    return true
  }

  /** Whether there is a whole number at this place: then it is `#value`, and ends at `#end`. @param {number} at */
  #varint(at) {
    this.#value = 0
    for (let index = at; index < this.#bytes.length; index++) {
      const byte = this.#bytes.readUInt8(index)
      this.#value += (byte & 0x7f) * 2 ** (7 * (index - at))
      this.#end = index + 1
      if (byte < 0x80) return true
      if (index - at >= 9) throw new Error('no protobuf')
    }
    return false
  }
}

/** @param {number} wire */
function widthOf(wire) {
  if (wire === WIRE.fixed64) return 8
  if (wire === WIRE.fixed32) return 4
  throw new Error('no protobuf')
}

/** @param {string | undefined} jid @param {string} server */
function userOf(jid, server) {
  const [, user, at] = /^(\d{5,20})(?::\d+)?@(.+)$/.exec(jid ?? '') ?? []
  return at === server ? user : undefined
}
