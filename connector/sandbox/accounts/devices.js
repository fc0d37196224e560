// @ts-check
/** Linked devices that the server knows, kept in a file if one is named. */

import { readRegular, replaceFile } from '../../process/files.js'
import { keyPairOf } from '../protocol/keys.js'
import { Curve } from 'baileys'

/**
 * @typedef {object} PreKey
 * @property {number} id
 * @property {string} key base64
 *
 * @typedef {object} Device
 * @property {string} phoneNumber
 * @property {number} device its number among the devices of the phone, from 1
 * @property {string | null} [deviceName] what the phone lists under Linked devices; absent in a state file of an older sandbox
 * @property {string} noiseKey base64, identifies a login
 * @property {string} identityKey base64
 * @property {number} registrationId
 * @property {PreKey & { signature: string }} signedPreKey
 * @property {PreKey[]} preKeys
 *
 * @typedef {object} StoredState what outlives a sandbox
 * @property {string} serverKey base64, the private half
 * @property {Record<string, number>} lastDevice the highest device number that each phone has used
 * @property {Device[]} devices
 */

export class Devices {
  #file
  /** @type {StoredState} */
  #stored

  /** @param {string | null} file */
  constructor(file) {
    this.#file = file
    this.#stored = (file && read(file)) || fresh()
    this.save()
  }

  /** Static key of the server. It stays the same: a device may expect the key that it has seen before. */
  get serverKey() {
    return keyPairOf(Buffer.from(this.#stored.serverKey, 'base64'))
  }

  get all() {
    return this.#stored.devices
  }

  /** @param {string} phoneNumber */
  of(phoneNumber) {
    return this.all.filter(device => device.phoneNumber === phoneNumber)
  }

  /**
   * @param {string} phoneNumber
   * @param {number} number
   */
  find(phoneNumber, number) {
    return this.all.find(({ phoneNumber: owner, device }) => owner === phoneNumber && device === number)
  }

  /**
   * Returns a number that no device of this phone has or has had.
   * @param {string} phoneNumber
   */
  takeNumber(phoneNumber) {
    const number = (this.#stored.lastDevice[phoneNumber] ?? 0) + 1
    this.#stored.lastDevice[phoneNumber] = number
    return number
  }

  /** @param {Device} device */
  add(device) {
    this.#stored.devices.push(device)
    this.save()
  }

  /** @param {Device} device */
  remove(device) {
    this.#stored.devices = this.all.filter(other => other !== device)
    this.save()
  }

  forgetAll() {
    this.#stored = { ...this.#stored, devices: [], lastDevice: {} }
    this.save()
  }

  /** Writes the state. Call it before the client hears that it is linked, so that no restart can lose the link. */
  save() {
    if (this.#file) replaceFile(this.#file, JSON.stringify(this.#stored))
  }
}

/** @returns {StoredState} */
function fresh() {
  return { serverKey: Buffer.from(Curve.generateKeyPair().private).toString('base64'), lastDevice: {}, devices: [] }
}

/**
 * @param {string} file
 * @returns {StoredState | null}
 */
function read(file) {
  try {
    return JSON.parse(readRegular(file))
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return null
    throw error
  }
}
