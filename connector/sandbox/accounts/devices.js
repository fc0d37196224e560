// @ts-check
/** The linked devices that the server knows, kept in a file where one is named. */

import { readFileSync, renameSync, writeFileSync } from 'node:fs'
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
 * @property {string} noiseKey base64, by which a login is known
 * @property {string} identityKey base64
 * @property {number} registrationId
 * @property {PreKey & { signature: string }} signedPreKey
 * @property {PreKey[]} preKeys
 *
 * @typedef {object} Memory what lasts from one sandbox to the next
 * @property {string} serverKey base64, the private half
 * @property {Record<string, number>} lastDevice the highest device number that a phone ever gave away
 * @property {Device[]} devices
 */

export class Devices {
  #file
  /** @type {Memory} */
  #memory

  /** @param {string | null} file */
  constructor(file) {
    this.#file = file
    this.#memory = (file && read(file)) || fresh()
    this.save()
  }

  /** The server's static key: a device that has seen it once may expect it again. */
  get serverKey() {
    return keyPairOf(Buffer.from(this.#memory.serverKey, 'base64'))
  }

  get all() {
    return this.#memory.devices
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
   * A number that no device of this phone has had, nor will have: two may be linked at the same time.
   * @param {string} phoneNumber
   */
  takeNumber(phoneNumber) {
    const number = (this.#memory.lastDevice[phoneNumber] ?? 0) + 1
    this.#memory.lastDevice[phoneNumber] = number
    return number
  }

  /** @param {Device} device */
  add(device) {
    this.#memory.devices.push(device)
    this.save()
  }

  /** @param {Device} device */
  remove(device) {
    this.#memory.devices = this.all.filter(other => other !== device)
    this.save()
  }

  forgetAll() {
    this.#memory = { ...this.#memory, devices: [], lastDevice: {} }
    this.save()
  }

  /** Writes what changed: before the client hears that it is linked, so that no restart can lose it. */
  save() {
    if (!this.#file) return
    const draft = `${this.#file}.new`
    writeFileSync(draft, JSON.stringify(this.#memory), { mode: 0o600 })
    renameSync(draft, this.#file)
  }
}

/** @returns {Memory} */
function fresh() {
  return { serverKey: Buffer.from(Curve.generateKeyPair().private).toString('base64'), lastDevice: {}, devices: [] }
}

/**
 * @param {string} file
 * @returns {Memory | null}
 */
function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return null
    throw error
  }
}
