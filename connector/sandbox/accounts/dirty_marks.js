// @ts-check
/** Dirty marks: what a device must fetch again. WhatsApp repeats a mark at each login until the device cleans it. */

import { getBinaryNodeChildren } from 'baileys'
import { SERVER, stanza, timestamp } from '../protocol/stanza.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { Device } from './devices.js' */

/** @typedef {{ phoneNumber: string, device: number, type: string }} Cleaned */

export class DirtyMarks {
  /** Marks that were cleaned since they were set. @type {Cleaned[]} */
  cleaned = []

  /**
   * The stanza that lists what is dirty for a device; null: nothing.
   * @param {Device} device
   * @param {string[]} types
   * @returns {BinaryNode | null}
   */
  of(device, types) {
    const left = types.filter(type => !this.cleaned.some(known => isSame(known, device, type)))
    if (left.length === 0) return null
    return stanza(
      'ib',
      { from: SERVER },
      left.map(type => stanza('dirty', { type, timestamp: timestamp() }))
    )
  }

  /**
   * A device has fetched what was dirty.
   * @param {Device} device
   * @param {BinaryNode} iq
   */
  clean(device, iq) {
    const { phoneNumber, device: number } = device
    for (const {
      attrs: { type = '' }
    } of getBinaryNodeChildren(iq, 'clean')) {
      if (!this.cleaned.some(known => isSame(known, device, type)))
        this.cleaned.push({ phoneNumber, device: number, type })
    }
  }

  forget() {
    this.cleaned = []
  }
}

/** @param {Cleaned} known @param {Device} device @param {string} type */
const isSame = (known, { phoneNumber, device }, type) =>
  known.phoneNumber === phoneNumber && known.device === device && known.type === type
