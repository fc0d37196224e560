// @ts-check
/** Certificate chain of the sandbox: its own root signs an intermediate, which signs the server's key. */

import { Curve, proto } from 'baileys'
import { keyPairFrom } from './keys.js'

/** @import { KeyPair } from 'baileys' */

/** A client that trusts the public key of this root connects to any sandbox. The text is not a secret. */
export const ROOT_SEED = 'motte sandbox root'

const FOREIGN_SEED = 'motte sandbox: somebody else'

/** The serial that clients expect of the root (Baileys, `WA_CERT_DETAILS.SERIAL`). */
const ROOT_SERIAL = 0
const INTERMEDIATE_SERIAL = 1
const LEAF_SERIAL = 2

const DAY_SECONDS = 24 * 60 * 60
const VALID_BEFORE_SECONDS = 30 * DAY_SECONDS
const VALID_AFTER_SECONDS = 365 * DAY_SECONDS

/**
 * @typedef {object} Trust
 * @property {string} rootKey hex, the public key that clients must trust
 * @property {KeyPair} server the static key of the Noise handshake
 * @property {Uint8Array} chain signed by the root
 * @property {Uint8Array} foreignChain the same key, signed by another root
 * @property {Uint8Array} outdatedChain signed by the root, out of date since yesterday
 */

/**
 * @param {KeyPair} server
 * @param {string} rootSeed
 * @returns {Trust}
 */
export function makeTrust(server, rootSeed = ROOT_SEED) {
  const root = keyPairFrom(rootSeed)
  return {
    rootKey: Buffer.from(root.public).toString('hex'),
    server,
    chain: chainSignedBy(root, server),
    foreignChain: chainSignedBy(keyPairFrom(FOREIGN_SEED), server),
    outdatedChain: chainSignedBy(root, server, -DAY_SECONDS)
  }
}

/**
 * @param {KeyPair} root
 * @param {KeyPair} server
 * @param {number} validFor seconds from now
 */
function chainSignedBy(root, server, validFor = VALID_AFTER_SECONDS) {
  const intermediate = Curve.generateKeyPair()
  return proto.CertChain.encode({
    intermediate: certificate(root, {
      serial: INTERMEDIATE_SERIAL,
      issuerSerial: ROOT_SERIAL,
      key: intermediate.public,
      validFor
    }),
    leaf: certificate(intermediate, {
      serial: LEAF_SERIAL,
      issuerSerial: INTERMEDIATE_SERIAL,
      key: server.public,
      validFor
    })
  }).finish()
}

/**
 * @param {KeyPair} issuer
 * @param {{ serial: number, issuerSerial: number, key: Uint8Array, validFor: number }} subject
 */
function certificate(issuer, { validFor, ...subject }) {
  const now = Math.floor(Date.now() / 1000)
  const dates = { notBefore: now - VALID_BEFORE_SECONDS, notAfter: now + validFor }
  const details = proto.CertChain.NoiseCertificate.Details.encode({ ...subject, ...dates }).finish()
  return { details, signature: Curve.sign(issuer.private, details) }
}
