// @ts-check
/**
 * A counterpart of WhatsApp's server in this process, for rehearsals: it answers a client's hello. No byte leaves the process.
 *
 * Its certificate is signed by nobody, so that every client refuses it.
 */

import { createServer } from 'node:http'
import { duplexPair } from 'node:stream'
import { Curve, makeNoiseHandler, NOISE_WA_HEADER, proto } from 'baileys'
import { WebSocketServer } from 'ws'
import { silentLogger } from './silence_libraries.js'

/** What a client of the counterpart connects to. The tunnel leads there, so that nobody looks the name up. */
export const COUNTERPART_URL = 'ws://counterpart.invalid/'

/** Bytes of a frame's length. */
const LENGTH_BYTES = 3

/** A tunnel that leads to a new counterpart. @returns {import('../network/proxy_agent.js').Tunnel} */
export function tunnelToCounterpart() {
  const [client, server] = duplexPair()
  const sockets = new WebSocketServer({ noServer: true })
  createServer()
    .on('upgrade', (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, socket =>
        socket.once('message', data => socket.send(answer(/** @type {Buffer} */ (data))))
      )
    )
    .emit('connection', server)
  const addRequest = (/** @type {import('node:http').ClientRequest} */ request) =>
    request.onSocket(/** @type {any} */ (client))
  return { agent: /** @type {any} */ ({ protocol: 'http:', addRequest }), blame: how => how }
}

/** @param {Buffer} frame the first one of a client, with its hello */
function answer(frame) {
  const { clientHello } = proto.HandshakeMessage.decode(frame.subarray(NOISE_WA_HEADER.length + LENGTH_BYTES))
  const serverHello = helloTo(/** @type {Uint8Array} */ (clientHello?.ephemeral))
  const message = proto.HandshakeMessage.encode({ serverHello }).finish()
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUIntBE(message.length, 0, LENGTH_BYTES)
  return Buffer.concat([length, message])
}

/** The server's part of the handshake: Noise_XX_25519_AESGCM_SHA256. @param {Uint8Array} client its ephemeral key */
function helloTo(client) {
  const [ephemeral, fixed] = [Curve.generateKeyPair(), Curve.generateKeyPair()]
  const keyPair = { private: ephemeral.private, public: client }
  const noise = makeNoiseHandler({ keyPair, NOISE_HEADER: NOISE_WA_HEADER, logger: silentLogger })
  noise.authenticate(ephemeral.public)
  noise.mixIntoKey(Curve.sharedKey(ephemeral.private, client))
  const sealed = noise.encrypt(fixed.public)
  noise.mixIntoKey(Curve.sharedKey(fixed.private, client))
  const details = proto.CertChain.NoiseCertificate.Details.encode({ serial: 1, key: fixed.public }).finish()
  const certificate = { details, signature: new Uint8Array(64) }
  const chain = proto.CertChain.encode({ leaf: certificate, intermediate: certificate }).finish()
  return { ephemeral: ephemeral.public, static: sealed, payload: noise.encrypt(chain) }
}
