// @ts-check
/** A phone: the account behind a number, with the key that signs its linked devices. */

import { createHash, randomBytes } from 'node:crypto'
import { Curve, hmacSign, proto } from 'baileys'
import { isSignedBy, keyPairFrom } from '../protocol/keys.js'

/** @import { KeyPair } from 'baileys' */

const ACCOUNT_SIGNATURE = Buffer.from([6, 0])
const DEVICE_SIGNATURE = Buffer.from([6, 1])

/**
 * @typedef {object} Phone
 * @property {string} number digits
 * @property {string} lid the account's other number
 * @property {KeyPair} identity
 *
 * @typedef {object} DeviceIdentity of a linked device, signed by its phone
 * @property {Uint8Array} details
 * @property {Uint8Array} container
 */

/** All phones that were ever named. */
export class Phones {
  /** @type {Map<string, Phone>} */
  #byNumber = new Map()
  /** @type {Map<string, Phone>} */
  #byLid = new Map()
  /** Numbers without an account. @type {Set<string>} */
  unknown = new Set()
  /** Numbers of phones that are switched off. @type {Set<string>} */
  offline = new Set()

  /** @param {string} number */
  get(number) {
    const phone = this.#byNumber.get(number) ?? makePhone(number)
    this.#byNumber.set(number, phone)
    this.#byLid.set(phone.lid, phone)
    return phone
  }

  /** Whether a phone has an account. @param {Phone} phone */
  hasAccount({ number }) {
    return !this.unknown.has(number)
  }

  /** @param {string} user of an address: a number or a LID */
  find(user) {
    return this.#byNumber.get(user) ?? this.#byLid.get(user)
  }
}

/**
 * Makes a phone from its number, so that it is the same after a restart.
 * @param {string} number
 * @returns {Phone}
 */
function makePhone(number) {
  const digest = createHash('sha256').update(`motte sandbox lid ${number}`).digest()
  const lid = String(10n ** 14n + (digest.readBigUInt64BE() % (9n * 10n ** 14n)))
  return { number, lid, identity: keyPairFrom(`motte sandbox phone ${number}`) }
}

/**
 * Signs the identity of a device whose code the phone has seen.
 * @param {Phone} phone
 * @param {{ identityKey: Uint8Array, advSecret: Uint8Array, device: number, isForged: boolean }} companion
 *   isForged: signed with a key that is not the phone's
 * @returns {DeviceIdentity}
 */
export function signDeviceIdentity(phone, { identityKey, advSecret, device, isForged }) {
  const signer = isForged ? Curve.generateKeyPair() : phone.identity
  const details = proto.ADVDeviceIdentity.encode({
    rawId: randomBytes(4).readUInt32BE(),
    timestamp: Math.floor(Date.now() / 1000),
    keyIndex: device,
    accountType: proto.ADVEncryptionType.E2EE,
    deviceType: proto.ADVEncryptionType.E2EE
  }).finish()
  const signed = proto.ADVSignedDeviceIdentity.encode({
    details,
    accountSignatureKey: phone.identity.public,
    accountSignature: Curve.sign(signer.private, Buffer.concat([ACCOUNT_SIGNATURE, details, identityKey]))
  }).finish()
  const hmac = hmacSign(signed, advSecret)
  return { details, container: proto.ADVSignedDeviceIdentityHMAC.encode({ details: signed, hmac }).finish() }
}

/**
 * Whether the device has signed its identity in return.
 * @param {Phone} phone
 * @param {Uint8Array} identityKey the device's
 * @param {Uint8Array} details
 * @param {Uint8Array} reply an ADVSignedDeviceIdentity
 */
export function hasDeviceSigned(phone, identityKey, details, reply) {
  const { deviceSignature } = proto.ADVSignedDeviceIdentity.decode(reply)
  const message = Buffer.concat([DEVICE_SIGNATURE, details, identityKey, phone.identity.public])
  return !!deviceSignature && isSignedBy(identityKey, message, deviceSignature)
}
