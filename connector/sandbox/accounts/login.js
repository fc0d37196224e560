// @ts-check
/** Connection of a linked device, from its login on. */

import { responseTo } from './query_responses.js'
import { log } from '../server/logger.js'
import { queryFailure } from '../server/failing_queries.js'
import { acknowledgement, refusal, result, SERVER, stanza, timestamp } from '../protocol/stanza.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { Connection, ClientHandler } from '../server/connection.js' */
/** @import { Device, Devices } from './devices.js' */
/** @import { Groups } from './groups.js' */
/** @import { DeviceLists } from './device_lists.js' */
/** @import { DirtyMarks } from './dirty_marks.js' */
/** @import { Phone, Phones } from './phone.js' */
/** @import { Presences } from './presences.js' */
/** @import { Acceptance } from '../messages/acceptance.js' */
/** @import { Delivery } from '../messages/delivery.js' */
/** @import { UnknownStanzas } from '../server/unknown_stanzas.js' */

/** @implements {ClientHandler} */
export class Login {
  #server
  /** Whether the device is ready for stanzas. */
  #isActive = false

  /**
   * @param {Connection} connection
   * @param {Device} device
   * @param {Phone} phone
   * @param {object} server
   * @param {Devices} server.devices
   * @param {Phones} server.phones
   * @param {Groups} server.groups
   * @param {UnknownStanzas} server.unknownStanzas
   * @param {Acceptance} server.acceptance
   * @param {Delivery} server.delivery
   * @param {DirtyMarks} server.dirtyMarks
   * @param {DeviceLists} server.deviceLists
   * @param {Presences} server.presences
   * @param {() => void} server.ended
   */
  constructor(connection, device, phone, server) {
    this.connection = connection
    this.#server = server
    this.device = device
    log('login', { phone: phone.number, device: device.device })
    connection.send(success(phone, device))
  }

  /** @param {BinaryNode} node */
  receive(node) {
    if (node.tag === 'iq') this.#receiveQuery(node)
    else if (node.tag === 'message') this.#server.acceptance.receive(this.connection, this.device, node)
    else if (node.tag === 'receipt') this.#receiveReceipt(node)
    else if (node.tag === 'ack') this.#server.delivery.acknowledged(this.device, node)
    else if (node.tag === 'presence') this.#server.presences.show(this.device, node)
    else if (node.tag === 'chatstate') this.#server.delivery.type(this.device, node)
    else if (node.tag === 'call') this.connection.send(acknowledgement(node, {}))
    else this.#server.unknownStanzas.note(node)
  }

  closed() {
    this.#server.presences.leave(this.device)
    this.#server.ended()
  }

  /**
   * Sends a stanza to the device. Before the device is ready, stanzas wait in the offline queue.
   * @param {BinaryNode} node
   */
  deliver(node) {
    if (this.#isActive) this.connection.send(node)
  }

  /** The same device logs in elsewhere. */
  replace() {
    this.connection.end(stanza('stream:error', {}, [stanza('conflict', { type: 'replaced' })]))
  }

  /** The phone unlinks the device. */
  unlink() {
    this.connection.end(stanza('stream:error', { code: '401' }, [stanza('conflict', { type: 'device_removed' })]))
  }

  /** @param {BinaryNode} iq */
  #receiveQuery(iq) {
    if (iq.attrs.type === 'result' || iq.attrs.type === 'error') return
    if (iq.attrs.xmlns === 'w:p' && this.connection.fault('noPong')) return
    if (this.#failQuery(iq)) return
    const { content, follows } = responseTo(iq, { ...this.#server, device: this.device, fault: this.connection.fault })
    this.connection.send(result(iq, content))
    if (follows === 'offline') this.#sendOffline()
    if (follows === 'logout') this.#logOut()
  }

  /** The device has logged itself out. */
  #logOut() {
    this.#server.devices.remove(this.device)
    this.#server.deviceLists.changed('remove', this.device)
  }

  /** Whether the query fails instead of being answered. @param {BinaryNode} iq */
  #failQuery(iq) {
    const failure = queryFailure(iq, this.connection.fault)
    if (failure?.how === 'error') this.connection.send(refusal(iq, failure.code))
    if (failure?.how === 'drop') this.connection.drop()
    if (failure?.how === 'close') this.connection.close()
    return failure !== null
  }

  /** @param {BinaryNode} receipt */
  #receiveReceipt(receipt) {
    const { type } = receipt.attrs
    this.connection.send(acknowledgement(receipt, type ? { type } : {}))
    this.#dropOnFailure(this.#server.delivery.receipt(this.device, receipt))
  }

  /** Sends the stanzas of the offline queue. Clients hold back all events until they hear that these were all. */
  #sendOffline() {
    this.#isActive = true
    const dirty = this.#server.dirtyMarks.of(this.device, [this.connection.fault('dirty') ?? []].flat().map(String))
    if (dirty) this.connection.send(dirty)
    const waiting = this.#server.delivery.waiting(this.device)
    const count = String(waiting.length)
    const counts = { count, message: countOf('message', waiting), receipt: countOf('receipt', waiting) }
    const preview = stanza('offline_preview', { ...counts, notification: '0', appdata: '0' })
    this.connection.send(stanza('ib', { from: SERVER }, [preview]))
    for (const node of waiting) this.connection.send({ ...node, attrs: { ...node.attrs, offline: '0' } })
    this.connection.send(stanza('ib', { from: SERVER }, [stanza('offline', { count })]))
  }

  /**
   * Ends the connection if a stanza of the device fails, as it does for a frame that cannot be read.
   * @param {Promise<void>} work
   */
  #dropOnFailure(work) {
    work.catch(error => {
      log('bad_stanza', { reason: error instanceof Error ? error.message : String(error) })
      this.connection.drop()
    })
  }
}

/**
 * @param {Phone} phone
 * @param {Device} device
 */
function success({ number, lid }, { device }) {
  return stanza('success', {
    t: timestamp(),
    props: '1',
    location: 'sandbox',
    lid: `${lid}:${device}@lid`,
    display_name: number
  })
}

/**
 * @param {string} tag
 * @param {BinaryNode[]} nodes
 */
function countOf(tag, nodes) {
  return String(nodes.filter(node => node.tag === tag).length)
}
