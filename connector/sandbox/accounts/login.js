// @ts-check
/** The talk with a linked device, from its login on. */

import { answerTo } from './query_responses.js'
import { log } from '../server/logger.js'
import { fateOf } from '../server/failing_queries.js'
import { refusal, result, SERVER, stanza, timestamp } from '../protocol/stanza.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { Connection, Talk } from '../server/connection.js' */
/** @import { Device, Devices } from './devices.js' */
/** @import { Groups } from './groups.js' */
/** @import { Marks } from './dirty_marks.js' */
/** @import { Phone, Phones } from './phone.js' */
/** @import { Post } from '../messages/delivery.js' */
/** @import { Unknown } from '../server/unknown_stanzas.js' */

/** @implements {Talk} */
export class Login {
  #server
  /** Whether the device has said that it is ready for what waits for it. */
  #isActive = false

  /**
   * @param {Connection} connection
   * @param {Device} device
   * @param {Phone} phone
   * @param {object} server
   * @param {Devices} server.devices
   * @param {Phones} server.phones
   * @param {Groups} server.groups
   * @param {Unknown} server.unknown
   * @param {Post} server.post
   * @param {Marks} server.marks
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
    else if (node.tag === 'message') this.#receiveMessage(node)
    else if (node.tag === 'receipt') this.#receiveReceipt(node)
    else if (node.tag === 'ack') this.#server.post.acknowledged(this.device, node)
    else this.#server.unknown.note(node)
  }

  closed() {
    this.#server.ended()
  }

  /**
   * Something new for the device. What comes before it is ready waits in its mailbox.
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
    if (this.#goesWrong(iq)) return
    const { content, follows } = answerTo(iq, { ...this.#server, device: this.device })
    this.connection.send(result(iq, content))
    if (follows === 'offline') this.#sendOffline()
    if (follows === 'logout') this.#server.devices.remove(this.device)
  }

  /** Whether something else comes than an answer. @param {BinaryNode} iq */
  #goesWrong(iq) {
    const fate = fateOf(iq, this.connection.fault)
    if (fate?.how === 'error') this.connection.send(refusal(iq, fate.code))
    if (fate?.how === 'drop') this.connection.drop()
    if (fate?.how === 'close') this.connection.close()
    return fate !== null
  }

  /** @param {BinaryNode} message */
  #receiveMessage(message) {
    const error = this.connection.fault('messageError')
    this.connection.send(acknowledgement(message, error ? { error: String(error) } : {}))
    if (!error) this.#watch(this.#server.post.message(this.device, message))
  }

  /** @param {BinaryNode} receipt */
  #receiveReceipt(receipt) {
    const { type } = receipt.attrs
    this.connection.send(acknowledgement(receipt, type ? { type } : {}))
    this.#watch(this.#server.post.receipt(this.device, receipt))
  }

  /** What was waiting for the device. Clients hold back all events until they hear that this was all. */
  #sendOffline() {
    this.#isActive = true
    const dirty = this.#server.marks.of(this.device, [this.connection.fault('dirty') ?? []].flat().map(String))
    if (dirty) this.connection.send(dirty)
    const waiting = this.#server.post.waiting(this.device)
    const count = String(waiting.length)
    const counts = { count, message: countOf('message', waiting), receipt: countOf('receipt', waiting) }
    const preview = stanza('offline_preview', { ...counts, notification: '0', appdata: '0' })
    this.connection.send(stanza('ib', { from: SERVER }, [preview]))
    for (const node of waiting) this.connection.send({ ...node, attrs: { ...node.attrs, offline: '0' } })
    this.connection.send(stanza('ib', { from: SERVER }, [stanza('offline', { count })]))
  }

  /**
   * What the device sent may make no sense: the connection ends then, as it does for a frame that makes none.
   * @param {Promise<void>} work
   */
  #watch(work) {
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
 * @param {BinaryNode} node
 * @param {Record<string, string>} more
 */
function acknowledgement({ tag, attrs: { id = '', to = SERVER } }, more) {
  return stanza('ack', { class: tag, id, from: to, t: timestamp(), ...more })
}

/**
 * @param {string} tag
 * @param {BinaryNode[]} nodes
 */
function countOf(tag, nodes) {
  return String(nodes.filter(node => node.tag === tag).length)
}
