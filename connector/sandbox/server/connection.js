// @ts-check
/** WebSocket of one client: bytes become frames, frames become stanzas after the handshake, and back. */

import { randomBytes } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { decodeBinaryNode, encodeBinaryNode } from 'baileys'
import { frame, FrameReader } from '../protocol/frames.js'
import { log } from './logger.js'
import { respondToHello } from '../protocol/noise.js'

/** @import { WebSocket } from 'ws' */
/** @import { BinaryNode, proto } from 'baileys' */
/** @import { ConnectionFaults } from './faults.js' */
/** @import { Answer, Transport } from '../protocol/noise.js' */
/** @import { Trust } from '../protocol/certificates.js' */

/** Limit for the client's answer to a close frame. */
const CLOSE_GRACE_MS = 1000

/** First byte of a compressed stanza. */
const COMPRESSED = 2

/** Bytes of the inflated bomb. */
const BOMB_BYTES = 64 * 2 ** 20

/**
 * @typedef {object} ClientHandler handles the stanzas of a client: a registration or a login
 * @property {(node: BinaryNode) => void} receive
 * @property {() => void} closed
 *
 * @typedef {object} Client after the handshake
 * @property {Uint8Array} noiseKey
 * @property {proto.ClientPayload} payload
 */

export class Connection {
  #socket
  #trust
  #admit
  #frames = new FrameReader()
  /** @type {Answer | null} */
  #answer = null
  /** @type {Transport | null} */
  #transport = null
  /** @type {ClientHandler | null} */
  #handler = null
  /** Stanzas are read one after the other: a compressed stanza takes longer. */
  #reading = Promise.resolve()

  /**
   * @param {WebSocket} socket
   * @param {object} server
   * @param {Trust} server.trust
   * @param {ConnectionFaults} server.fault
   * @param {(connection: Connection, client: Client) => ClientHandler} server.admit called once, after the handshake
   */
  constructor(socket, { trust, fault, admit }) {
    this.#socket = socket
    this.#trust = trust
    this.#admit = admit
    this.fault = fault
    socket.on('message', data => this.#guard(() => this.#receive(/** @type {Buffer} */ (data))))
    socket.on('error', error => log('socket_error', { reason: error.message }))
    socket.on('close', () => this.#handler?.closed())
  }

  get isOpen() {
    return this.#socket.readyState === this.#socket.OPEN
  }

  /** @param {BinaryNode} node */
  send(node) {
    if (!this.#transport || !this.isOpen || this.fault('mute')) return
    this.#socket.send(frame(this.#transport.encrypt(encodeBinaryNode(node))))
  }

  /** Sends a last stanza, and closes as a server does. @param {BinaryNode} node */
  end(node) {
    this.send(node)
    this.close()
  }

  /** Closes the WebSocket in good order. */
  close() {
    this.#socket.close(1000)
    setTimeout(() => this.drop(), CLOSE_GRACE_MS).unref()
  }

  /** Cuts the TCP connection. */
  drop() {
    this.#socket.terminate()
  }

  /** Reads and answers nothing any more, not even a close frame. */
  freeze() {
    this.#socket.pause()
  }

  /** @param {Buffer} data */
  #receive(data) {
    for (const payload of this.#frames.push(data)) {
      if (this.#transport) this.#readStanza(this.#transport.decrypt(payload))
      else if (this.#answer) this.#open(this.#answer.finish(payload))
      else this.#hello(payload)
    }
  }

  /** @param {Buffer} clientHello */
  #hello(clientHello) {
    if (this.fault('hangHandshake')) return
    const intro = /** @type {Buffer} */ (this.#frames.intro)
    this.#answer = respondToHello(clientHello, { intro, server: this.#trust.server, chain: this.#chain() })
    this.#socket.send(frame(this.#answer.serverHello))
  }

  /** The certificate chain; a fault chooses another one. */
  #chain() {
    const { chain, foreignChain, outdatedChain } = this.#trust
    if (this.fault('foreignRoot')) return foreignChain
    return this.fault('outdatedCertificate') ? outdatedChain : chain
  }

  /** @param {Transport} transport */
  #open(transport) {
    this.#transport = transport
    if (this.fault('garbageAfterHandshake')) return this.#socket.send(frame(randomBytes(64)))
    if (this.fault('deflateBomb')) return this.#socket.send(frame(transport.encrypt(deflateBomb())))
    this.#handler = this.#admit(this, { noiseKey: transport.clientKey, payload: transport.payload })
  }

  /** @param {Buffer} bytes */
  #readStanza(bytes) {
    this.#reading = this.#reading
      .then(async () => {
        const node = await decodeBinaryNode(bytes)
        this.#guard(() => this.#handler?.receive(node))
      })
      .catch(error => this.#dropViolator(error))
  }

  /** @param {() => void} work */
  #guard(work) {
    try {
      work()
    } catch (error) {
      this.#dropViolator(error)
    }
  }

  /** Cuts the connection of a client that sent nonsense. Real servers do so too. @param {unknown} error */
  #dropViolator(error) {
    log('protocol_violation', { reason: error instanceof Error ? error.message : String(error) })
    this.drop()
  }
}

/** A compressed stanza that is small, and huge once it is inflated. */
function deflateBomb() {
  return Buffer.concat([Buffer.of(COMPRESSED), deflateSync(Buffer.alloc(BOMB_BYTES))])
}
