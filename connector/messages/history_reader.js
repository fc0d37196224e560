// @ts-check
/**
 * Reader of a history: finds the addresses in protobuf that comes in pieces of any length.
 *
 * It makes no object and no text for what it reads: an idle process collects no garbage, and would keep megabytes of them.
 * Field numbers: HistorySync, Conversation and PhoneNumberToLIDMapping in WAProto of Baileys.
 */

/** @typedef {'pn' | 'lid' | 'id'} Name */
/** @typedef {Record<number, Name>} Fields */

/** Messages that are read, by their field number: the names of the fields that are read in each. @type {Record<number, Fields>} */
const PARTS = {
  2: { 1: 'id', 39: 'pn', 42: 'lid' }, // a conversation
  15: { 1: 'pn', 2: 'lid' } // a mapping
}

/** Wire types: the last three bits of a tag. */
const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 }

/** Kind of the next number. `value` is skipped. */
const NEXT = { tag: 0, length: 1, value: 2 }

/** Bits of a number that are read. A longer field would be larger than the inflated part of a history. */
const MAX_READ_BITS = 28

/** Bits of the longest number of protobuf. */
const MAX_NUMBER_BITS = 70

/** Bytes of an address. Real ones are far shorter. */
const MAX_ADDRESS_BYTES = 100

/** Digits of a number or a LID. */
const [MIN_DIGITS, MAX_DIGITS] = [5, 20]

const SERVERS = { pn: Buffer.from('@s.whatsapp.net'), lid: Buffer.from('@lid') }
const COLON = 0x3a

export class HistoryReader {
  #pairs
  #found = { pn: new Address(), lid: new Address(), id: new Address() }
  #next = NEXT.tag
  /** Bytes read so far. */
  #at = 0
  /** Bytes of the field's content that are still to come, and the address that they belong to; null: they are skipped. */
  #rest = 0
  /** @type {Address | null} */
  #address = null
  /** The number that is being read: its value so far, and its bits. */
  #value = 0
  #bits = 0
  /** The number of the field that is being read. */
  #field = 0
  /** The conversation or mapping that is being read: its fields, and where it ends. @type {Fields | null} */
  #part = null
  #partEnd = 0

  /** @param {Pick<import('./lid_pairs.js').Pairs, 'add'>} pairs gets the pairs that are found */
  constructor(pairs) {
    this.#pairs = pairs
  }

  /** Throws if it is not protobuf. @param {Buffer} chunk not used any more after this returns */
  push(chunk) {
    for (let index = 0; index < chunk.length; ) {
      const rest = Math.min(this.#rest, chunk.length - index)
      if (rest > 0) this.#address?.push(chunk, index, index + rest)
      else this.#read(chunk.readUInt8(index))
      this.#rest -= rest
      index += rest || 1
      this.#at += rest || 1
      if (this.#rest === 0 && this.#next === NEXT.tag) this.#leave()
    }
  }

  /** Reads a byte of a number. @param {number} byte */
  #read(byte) {
    if (this.#bits < MAX_READ_BITS) this.#value |= (byte & 0x7f) << this.#bits
    else if (this.#next === NEXT.length && byte > 0) throw new Error('a field is too long')
    this.#bits += 7
    if (byte < 0x80) this.#take(this.#value)
    else if (this.#bits >= MAX_NUMBER_BITS) throw new Error('no protobuf')
  }

  /** A number is complete. @param {number} value */
  #take(value) {
    this.#value = this.#bits = 0
    if (this.#next === NEXT.tag) this.#begin(value >> 3, value & 7)
    else if (this.#next === NEXT.length) this.#open(value)
    else this.#next = NEXT.tag
  }

  /** @param {number} field @param {number} wire */
  #begin(field, wire) {
    this.#field = field
    this.#address = null
    if (wire === WIRE.bytes) this.#next = NEXT.length
    else if (wire === WIRE.varint) this.#next = NEXT.value
    else if (wire === WIRE.fixed64) this.#rest = 8
    else if (wire === WIRE.fixed32) this.#rest = 4
    else throw new Error('no protobuf')
  }

  /** The field's content begins with the next byte. @param {number} length */
  #open(length) {
    this.#next = NEXT.tag
    const fields = this.#part ? undefined : PARTS[this.#field]
    if (fields) return this.#openPart(fields, this.#at + 1 + length)
    const name = this.#part?.[this.#field]
    if (name && length <= MAX_ADDRESS_BYTES) {
      this.#address = this.#found[name]
      this.#address.length = 0
    }
    this.#rest = length
  }

  /** @param {Fields} fields @param {number} end */
  #openPart(fields, end) {
    this.#part = fields
    this.#partEnd = end
    this.#found.pn.length = this.#found.lid.length = this.#found.id.length = 0
  }

  /** At the end of a conversation or mapping, its addresses make a pair. */
  #leave() {
    if (!this.#part || this.#at < this.#partEnd) return
    this.#part = null
    const { pn, lid, id } = this.#found
    const number = pn.length > 0 ? pn : id
    const other = lid.length > 0 ? lid : id
    const digits = number.digitsAt(SERVERS.pn)
    const otherDigits = other.digitsAt(SERVERS.lid)
    if (digits && otherDigits) this.#pairs.add(number.bytes, digits, other.bytes, otherDigits)
  }
}

/** One address of the history. */
class Address {
  bytes = Buffer.alloc(MAX_ADDRESS_BYTES)
  length = 0

  /** @param {Buffer} chunk @param {number} begin @param {number} end */
  push(chunk, begin, end) {
    for (let at = begin; at < end; at++) this.bytes[this.length++] = chunk.readUInt8(at) // `copy` would make an object
  }

  /** Number of digits of the user, before an optional device; 0 if it is not an address on this server. @param {Buffer} server */
  digitsAt(server) {
    const end = this.length - server.length
    const digits = this.#digitsFrom(0)
    if (digits < MIN_DIGITS || digits > MAX_DIGITS || end < digits) return 0
    if (this.bytes.compare(server, 0, server.length, end, this.length) !== 0) return 0
    const device = this.bytes[digits] === COLON ? this.#digitsFrom(digits + 1) : -1
    return digits + (device > 0 ? 1 + device : 0) === end ? digits : 0
  }

  /** @param {number} begin */
  #digitsFrom(begin) {
    let end = begin
    while (end < this.length && isDigit(this.bytes.readUInt8(end))) end++
    return end - begin
  }
}

/** @param {number} byte */
const isDigit = byte => byte >= 0x30 && byte <= 0x39
