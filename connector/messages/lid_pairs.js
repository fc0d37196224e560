// @ts-check
/**
 * Pairs of numbers and LIDs, thousands of them: kept as bytes, and written to the disk in pieces.
 *
 * Objects and texts for each pair would make the heap grow for good.
 */

/** Bytes of a piece, which has its own memory. */
const PIECE_BYTES = 65_536

const [OPENS, SEPARATES, CLOSES] = [Buffer.from('"'), Buffer.from('":"'), Buffer.from('",')]
const MARKS = OPENS.length + SEPARATES.length + CLOSES.length

/** @typedef {{bytes: Buffer, length: number}} Piece */

export class Pairs {
  count = 0
  #most
  /** `"4915112345678":"909913313250243",` for each pair. @type {Piece[]} */
  #pieces = []

  /** @param {number} [most] further pairs are left out */
  constructor(most = Number.POSITIVE_INFINITY) {
    this.#most = most
  }

  /**
   * Adds a number and its LID, both as digits in ASCII.
   * @param {Buffer} pn @param {number} pnLength
   * @param {Buffer} lid @param {number} lidLength
   */
  add(pn, pnLength, lid, lidLength) {
    if (this.isFull()) return
    const piece = this.#pieceFor(pnLength + lidLength + MARKS)
    append(piece, OPENS, OPENS.length)
    append(piece, pn, pnLength)
    append(piece, SEPARATES, SEPARATES.length)
    append(piece, lid, lidLength)
    append(piece, CLOSES, CLOSES.length)
    this.count += 1
  }

  isFull() {
    return this.count >= this.#most
  }

  /** JSON objects, each with some of the numbers as keys and their LIDs as values. */
  *pieces() {
    for (const { bytes, length } of this.#pieces) yield `{${bytes.toString('latin1', 0, length - 1)}}`
  }

  /** Removes all pairs and releases their memory at once: an idle process collects no garbage. */
  release() {
    for (const { bytes } of this.#pieces) if (bytes.buffer instanceof ArrayBuffer) bytes.buffer.transfer(0)
    this.#pieces = []
    this.count = 0
  }

  /** @param {number} more */
  #pieceFor(more) {
    const last = this.#pieces.at(-1)
    if (last && last.length + more <= PIECE_BYTES) return last
    const piece = { bytes: Buffer.alloc(PIECE_BYTES), length: 0 }
    this.#pieces.push(piece)
    return piece
  }
}

/** Appends byte by byte: `copy` would make an object. @param {Piece} piece @param {Buffer} from @param {number} length */
function append(piece, from, length) {
  for (let at = 0; at < length; at++) piece.bytes[piece.length++] = from.readUInt8(at)
}
