// @ts-check
/** Keys and conversations of a phone, as libsignal wants them. */

import { generateSignalPubKey } from 'baileys'

/** @import { KeyPair } from 'baileys' */
/** @import * as libsignal from 'libsignal' */
/** @import { Device } from '../accounts/devices.js' */

export const REGISTRATION_ID = 1

/**
 * Keys of a device for a new conversation. It uses up a one-time key.
 * @param {Device} device
 */
export function keysOf({ registrationId, identityKey, signedPreKey, preKeys }) {
  const oneTime = preKeys.shift()
  const session = {
    registrationId,
    identityKey: publicKey(identityKey),
    signedPreKey: {
      keyId: signedPreKey.id,
      publicKey: publicKey(signedPreKey.key),
      signature: Buffer.from(signedPreKey.signature, 'base64')
    }
  }
  const preKey = oneTime && { keyId: oneTime.id, publicKey: publicKey(oneTime.key) }
  return /** @type {Parameters<libsignal.SessionBuilder['initOutgoing']>[0]} */ ({ ...session, preKey })
}

/** @param {string} base64 */
function publicKey(base64) {
  return Buffer.from(generateSignalPubKey(Buffer.from(base64, 'base64')))
}

/**
 * Store of libsignal for the conversations of one phone.
 * @param {KeyPair} identity
 * @param {KeyPair} signedPreKey
 */
export function makeStore(identity, signedPreKey) {
  /** @type {Map<string, libsignal.SessionRecord>} */
  const sessions = new Map()
  return {
    loadSession: async (/** @type {string} */ id) => sessions.get(id),
    /** @param {string} id @param {libsignal.SessionRecord} session */
    storeSession: async (id, session) => void sessions.set(id, session),
    forget: (/** @type {string} */ id) => void sessions.delete(id),
    isTrustedIdentity: () => true,
    loadPreKey: async () => undefined,
    removePreKey: () => {},
    loadSignedPreKey: () => signalPair(signedPreKey),
    getOurRegistrationId: () => REGISTRATION_ID,
    getOurIdentity: () => signalPair(identity)
  }
}

/** @param {KeyPair} pair */
function signalPair(pair) {
  return { privKey: Buffer.from(pair.private), pubKey: Buffer.from(generateSignalPubKey(pair.public)) }
}
