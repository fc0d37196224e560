// @ts-check
/** Server's side of Noise XX as in WhatsApp: the handshake, then a cipher for each direction. */

import { createHash, hkdfSync } from 'node:crypto'
import { aesDecryptGCM, aesEncryptGCM, Curve, proto } from 'baileys'

/** @import { KeyPair } from 'baileys' */

/** It has exactly 32 bytes, so it is the first hash itself. */
const PROTOCOL = Buffer.from('Noise_XX_25519_AESGCM_SHA256\0\0\0\0')
const NOTHING = Buffer.alloc(0)

/**
 * @typedef {object} Answer
 * @property {Uint8Array} serverHello to be sent in a frame
 * @property {(clientFinish: Uint8Array) => Transport} finish throws if the client's bytes cannot be decrypted
 *
 * @typedef {object} Transport
 * @property {Uint8Array} clientKey the device's static public key
 * @property {proto.ClientPayload} payload of a registration or a login
 * @property {(plain: Uint8Array) => Buffer} encrypt
 * @property {(sealed: Uint8Array) => Buffer} decrypt
 */

/**
 * Answers a client's hello.
 * @param {Uint8Array} clientHello
 * @param {{ intro: Uint8Array, server: KeyPair, chain: Uint8Array }} parts
 * @returns {Answer}
 */
export function respondToHello(clientHello, { intro, server, chain }) {
  const theirs = required(proto.HandshakeMessage.decode(clientHello).clientHello?.ephemeral)
  const ephemeral = Curve.generateKeyPair()
  const state = new SymmetricState()
  state.authenticate(intro)
  state.authenticate(theirs)
  state.authenticate(ephemeral.public)
  state.mix(Curve.sharedKey(ephemeral.private, theirs))
  const sealedStatic = state.encrypt(server.public)
  state.mix(Curve.sharedKey(server.private, theirs))
  const serverHello = { ephemeral: ephemeral.public, static: sealedStatic, payload: state.encrypt(chain) }
  return {
    serverHello: proto.HandshakeMessage.encode({ serverHello }).finish(),
    finish: clientFinish => finish(state, ephemeral, clientFinish)
  }
}

/**
 * @param {SymmetricState} state
 * @param {KeyPair} ephemeral
 * @param {Uint8Array} bytes
 * @returns {Transport}
 */
function finish(state, ephemeral, bytes) {
  const message = proto.HandshakeMessage.decode(bytes).clientFinish
  const clientKey = state.decrypt(required(message?.static))
  state.mix(Curve.sharedKey(ephemeral.private, clientKey))
  const payload = proto.ClientPayload.decode(state.decrypt(required(message?.payload)))
  const [fromClient, toClient] = state.split()
  const sealing = makeNonces()
  const opening = makeNonces()
  return {
    clientKey,
    payload,
    encrypt: plain => aesEncryptGCM(plain, toClient, sealing(), NOTHING),
    decrypt: sealed => aesDecryptGCM(sealed, fromClient, opening(), NOTHING)
  }
}

/** Hash, chaining key and cipher key of a handshake (Noise specification, section 5.2). */
class SymmetricState {
  #hash = PROTOCOL
  #salt = PROTOCOL
  #key = PROTOCOL
  #nonce = makeNonces()

  /** @param {Uint8Array} bytes */
  authenticate(bytes) {
    this.#hash = createHash('sha256').update(this.#hash).update(bytes).digest()
  }

  /** @param {Uint8Array} secret */
  mix(secret) {
    ;[this.#salt, this.#key] = this.#derive(secret)
    this.#nonce = makeNonces()
  }

  /** @param {Uint8Array} plain */
  encrypt(plain) {
    const sealed = aesEncryptGCM(plain, this.#key, this.#nonce(), this.#hash)
    this.authenticate(sealed)
    return sealed
  }

  /** @param {Uint8Array} sealed */
  decrypt(sealed) {
    const plain = aesDecryptGCM(sealed, this.#key, this.#nonce(), this.#hash)
    this.authenticate(sealed)
    return plain
  }

  /** The keys of the transport: client to server, server to client. */
  split() {
    return this.#derive(NOTHING)
  }

  /** @param {Uint8Array} secret */
  #derive(secret) {
    const bytes = Buffer.from(hkdfSync('sha256', secret, this.#salt, NOTHING, 64))
    return [bytes.subarray(0, 32), bytes.subarray(32)]
  }
}

/** Eight zero bytes, then a counter. */
function makeNonces() {
  let count = 0
  return () => {
    const nonce = Buffer.alloc(12)
    nonce.writeUInt32BE(count++, 8)
    return nonce
  }
}

/** @param {Uint8Array | null | undefined} bytes */
function required(bytes) {
  if (!bytes?.length) throw new Error('a part of the handshake is missing')
  return bytes
}
