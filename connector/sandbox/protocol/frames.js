// @ts-check
/** Byte stream of a client: an optional routing prefix, an intro, then frames with their length in three bytes. */

const ROUTING_PREFIX = Buffer.from('ED\x00\x01')
const ROUTING_HEAD = ROUTING_PREFIX.length + 3
const INTRO_LENGTH = 4
const HEAD_LENGTH = 3

/** @param {Uint8Array} payload */
export function frame(payload) {
  const head = Buffer.alloc(HEAD_LENGTH)
  head.writeUIntBE(payload.length, 0, HEAD_LENGTH)
  return Buffer.concat([head, payload])
}

/** Collects bytes in pieces of any size, and returns whole frames. */
export class FrameReader {
  /** The client's first four bytes: "WA", 6 and the version of the token dictionary. @type {Buffer | null} */
  intro = null
  #bytes = Buffer.alloc(0)

  /**
   * @param {Uint8Array} bytes
   * @returns {Buffer[]}
   */
  push(bytes) {
    this.#bytes = Buffer.concat([this.#bytes, bytes])
    this.intro ??= this.#takeIntro()
    return this.intro ? this.#takeFrames() : []
  }

  #takeIntro() {
    const start = this.#routingLength()
    if (this.#bytes.length < start + INTRO_LENGTH) return null
    this.#take(start)
    const intro = this.#take(INTRO_LENGTH)
    if (intro.toString('latin1', 0, 2) !== 'WA') throw new Error('the stream does not begin as WhatsApp Web does')
    return intro
  }

  /** Number of bytes before the intro; more than have arrived while it is unknown. */
  #routingLength() {
    const seen = this.#bytes.subarray(0, ROUTING_PREFIX.length)
    if (!seen.equals(ROUTING_PREFIX.subarray(0, seen.length))) return 0
    if (this.#bytes.length < ROUTING_HEAD) return ROUTING_HEAD
    return ROUTING_HEAD + this.#bytes.readUIntBE(ROUTING_PREFIX.length, 3)
  }

  #takeFrames() {
    const frames = []
    while (this.#bytes.length >= HEAD_LENGTH) {
      const length = this.#bytes.readUIntBE(0, HEAD_LENGTH)
      if (this.#bytes.length < HEAD_LENGTH + length) break
      this.#take(HEAD_LENGTH)
      frames.push(this.#take(length))
    }
    return frames
  }

  /** @param {number} length */
  #take(length) {
    const taken = this.#bytes.subarray(0, length)
    this.#bytes = this.#bytes.subarray(length)
    return taken
  }
}
