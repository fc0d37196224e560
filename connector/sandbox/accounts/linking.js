// @ts-check
/** Linking and unlinking of devices by the owner of a phone, and by the server. */

import { readQr } from '../protocol/qr.js'
import { conflict, Refusal } from '../server/refusal.js'

/** @import { Admission } from '../server/admission.js' */
/** @import { DeviceLists } from './device_lists.js' */
/** @import { Device, Devices } from './devices.js' */
/** @import { Phones } from './phone.js' */

export class Linking {
  #devices
  #phones
  #admission
  #deviceLists
  #onLinked

  /**
   * @param {object} server
   * @param {Devices} server.devices
   * @param {Phones} server.phones
   * @param {Admission} server.admission
   * @param {DeviceLists} server.deviceLists
   * @param {(device: Device) => Promise<void>} server.onLinked
   */
  constructor({ devices, phones, admission, deviceLists, onLinked }) {
    this.#devices = devices
    this.#phones = phones
    this.#admission = admission
    this.#deviceLists = deviceLists
    this.#onLinked = onLinked
  }

  /**
   * A phone scans a code.
   * @param {{ qrCode: string, phoneNumber: string, pushName: string | null }} scan
   */
  async scan({ qrCode, phoneNumber, pushName }) {
    const qr = readQr(qrCode)
    const registration = this.#admission.holder(qr)
    if (!registration) throw conflict('code-dead', 'no living socket has this code')
    return this.#finish(await registration.scan(this.#phones.get(phoneNumber), { qr, pushName }))
  }

  /**
   * The owner types a pairing code on the phone.
   * @param {{ phoneNumber: string, code: string, pushName: string | null }} typed
   */
  async typeCode({ phoneNumber, code, pushName }) {
    const registration = this.#waitingFor(phoneNumber)
    return this.#finish(await registration.typeCode(this.#phones.get(phoneNumber), { code, pushName }))
  }

  /**
   * The server withdraws a pairing code.
   * @param {string} phoneNumber
   */
  refreshCode(phoneNumber) {
    this.#waitingFor(phoneNumber).refreshCode()
  }

  /**
   * The server makes devices replace the secret in their codes, without a scan.
   * @param {{ qrCode: string | null, child: string }} wanted qrCode: its secret is retired; null: every device that waits
   * @returns {number} of devices
   */
  refreshRegistration({ qrCode, child }) {
    const qr = qrCode === null ? null : readQr(qrCode)
    if (qr) this.#admission.advSecrets.retire(qr.advSecret)
    const holders = qr ? [this.#admission.holder(qr)] : this.#admission.registrations
    const waiting = holders.filter(registration => registration !== undefined)
    waiting.forEach(registration => registration.refresh(child))
    return waiting.length
  }

  /**
   * The phone unlinks its devices.
   * @param {string} phoneNumber
   */
  unlink(phoneNumber) {
    const devices = this.#devices.of(phoneNumber)
    if (devices.length === 0) throw new Refusal(404, 'no-such-device', 'this number has no linked device')
    for (const device of devices) {
      this.#devices.remove(device)
      this.#admission.login(device)?.unlink()
      this.#deviceLists.changed('remove', device)
    }
    return devices.map(nameOf)
  }

  /** @param {string} phoneNumber */
  #waitingFor(phoneNumber) {
    const registration = this.#admission.waitingFor(phoneNumber)
    if (!registration) throw conflict('code-dead', 'no living socket has asked for a code for this number')
    return registration
  }

  /** @param {Device} device */
  async #finish(device) {
    this.#deviceLists.changed('add', device)
    await this.#onLinked(device)
    return nameOf(device)
  }
}

/** @param {Device} device */
export function nameOf({ phoneNumber, device }) {
  return { phoneNumber, device }
}
