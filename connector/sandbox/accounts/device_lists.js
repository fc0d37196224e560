// @ts-check
/** Device lists of accounts: who has looked one up is notified when it changes. */

import { participantHash } from '../messages/fan_out.js'
import { addressOf } from '../messages/envelopes.js'
import { newId, stanza, timestamp } from '../protocol/stanza.js'

/** @import { Device, Devices } from './devices.js' */
/** @import { Phones } from './phone.js' */
/** @import { Delivery } from '../messages/delivery.js' */

export class DeviceLists {
  #devices
  #phones
  #delivery
  #settings
  /** Numbers of those who looked a list up, by its owner. @type {Map<string, Set<string>>} */
  #watchers = new Map()

  /**
   * @param {object} server
   * @param {Devices} server.devices
   * @param {Phones} server.phones
   * @param {Delivery} server.delivery
   * @param {() => { deviceNotifications: boolean }} server.settings
   */
  constructor({ devices, phones, delivery, settings }) {
    this.#devices = devices
    this.#phones = phones
    this.#delivery = delivery
    this.#settings = settings
  }

  /** Somebody looks up the devices of an account. @param {string} watcher number @param {string} owner number */
  watch(watcher, owner) {
    const watchers = this.#watchers.get(owner) ?? new Set()
    this.#watchers.set(owner, watchers.add(watcher))
  }

  /**
   * A device was linked or unlinked: tells those who know the list, unless the settings keep it quiet.
   * @param {'add' | 'remove'} change
   * @param {Device} device
   */
  changed(change, device) {
    if (!this.#settings().deviceNotifications) return
    const watchers = [...(this.#watchers.get(device.phoneNumber) ?? [])].map(number => this.#phones.get(number))
    this.#delivery.notify(watchers, this.notification(change, device))
  }

  /**
   * Source: handleDeviceNotification of tulir/whatsmeow.
   * @param {'add' | 'remove' | 'update'} change
   * @param {{ phoneNumber: string, device: number }} device
   */
  notification(change, { phoneNumber, device }) {
    const phone = this.#phones.get(phoneNumber)
    const places = [0, ...this.#devices.of(phoneNumber).map(other => other.device)].map(number => ({ phone, number }))
    const hashes = { device_hash: participantHash(places, false), device_lid_hash: participantHash(places, true) }
    const names = { jid: addressOf(phone, false, device), lid: addressOf(phone, true, device) }
    const child = stanza(change, hashes, [
      stanza('device', { ...names, 'key-index': String(device) }),
      stanza('key-index-list', { ts: timestamp() })
    ])
    const attrs = {
      from: addressOf(phone, false),
      lid: addressOf(phone, true),
      type: 'devices',
      id: newId(),
      t: timestamp()
    }
    return stanza('notification', attrs, [child])
  }

  forget() {
    this.#watchers.clear()
  }
}
