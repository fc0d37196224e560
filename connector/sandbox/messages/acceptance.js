// @ts-check
/** What the server does with a message that a linked device sends: refuses it, or takes it and confirms it. */

import { acknowledgement } from '../protocol/stanza.js'
import { newChatError } from '../accounts/restrictions.js'
import { RecentKeys } from './recent_keys.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { Connection } from '../server/connection.js' */
/** @import { Device } from '../accounts/devices.js' */
/** @import { Delivery } from './delivery.js' */

/** Messages whose ids the server knows again. It is not known how many the real one remembers. */
const MAX_REMEMBERED_IDS = 100_000

/**
 * @typedef {object} Selection of messages, in the value of a fault
 * @property {string | string[]} [to] only messages to these numbers or groups
 * @property {number} [share] of the messages, by chance
 * @property {boolean} [newChats] only messages to people who never wrote to the account
 * @property {boolean} [cut] the connection is cut too
 * @property {number} [code] of the error
 * @property {number | number[]} [seconds] of a delay: how many, or the least and the most
 */

export class Acceptance {
  #delivery
  #seen = new RecentKeys(MAX_REMEMBERED_IDS)

  /** @param {Delivery} delivery */
  constructor(delivery) {
    this.#delivery = delivery
  }

  /**
   * @param {Connection} connection
   * @param {Device} device
   * @param {BinaryNode} message
   */
  receive(connection, device, message) {
    if (this.#choose(connection, 'dropMessage', device, message)) return connection.drop()
    const error =
      this.#choose(connection, 'messageError', device, message)?.code ?? this.#refusal(connection, device, message)
    if (error) return connection.send(acknowledgement(message, { error: String(error) }))
    const phash = this.#take(connection, device, message)
    const lost = this.#choose(connection, 'dropAck', device, message)
    if (lost) return lost.cut ? connection.drop() : undefined
    const isFalse = this.#choose(connection, 'ackPhash', device, message)
    const hash = isFalse ? '2:sandbox0' : phash
    const ack = acknowledgement(message, hash ? { phash: hash } : {})
    const late = this.#choose(connection, 'ackDelay', device, message)
    if (!late) return connection.send(ack)
    setTimeout(() => connection.send(ack), 1000 * between([late.seconds ?? 0].flat())).unref()
  }

  /** @param {Connection} connection @param {Device} device @param {BinaryNode} message */
  #refusal({ fault }, device, message) {
    const chat = this.#delivery.chatOf(message)
    const isNew = chat !== device.phoneNumber && !this.#delivery.hasWritten(chat, device.phoneNumber)
    return (isNew ? newChatError(fault) : undefined) ?? this.#delivery.refusal(device, message)
  }

  forget() {
    this.#seen.clear()
  }

  /**
   * Passes a message on, unless its id has been used before and the server heeds that.
   * @param {Connection} connection
   * @param {Device} device
   * @param {BinaryNode} message
   * @returns {string | undefined} the hash of the devices that should have got it, if the sender must know
   */
  #take(connection, device, message) {
    const { id = '', device_fanout: fanOut, participant } = message.attrs
    const isForOne = fanOut === 'false' || participant !== undefined
    const key = `${device.phoneNumber}:${device.device} ${id}`
    const isRepeated = !isForOne && this.#seen.has(key) && !this.#delivery.wasAskedAgain(device, id)
    if (!isForOne) this.#seen.add(key)
    if (isRepeated && connection.fault('dedupeIds')) return undefined
    return this.#delivery.message(device, message, {
      receiptsForDuplicates: connection.fault('receiptsForDuplicates') === true
    })
  }

  /**
   * The part of a fault's value that is meant for a message; undefined: the fault does not act on it.
   * @param {Connection} connection
   * @param {'dropMessage' | 'dropAck' | 'messageError' | 'ackPhash' | 'ackDelay'} name
   * @param {Device} device
   * @param {BinaryNode} message
   * @returns {Selection | undefined}
   */
  #choose({ fault }, name, device, message) {
    /** @type {Selection | undefined} */
    let chosen
    const acts = fault(name, value => {
      const choices = name === 'ackDelay' ? [value] : [value].flat()
      chosen = choices.map(asSelection).find(selection => this.#selects(selection, device, message))
      return chosen !== undefined
    })
    return acts === undefined ? undefined : chosen
  }

  /** @param {Selection} selection @param {Device} device @param {BinaryNode} message */
  #selects({ to, share = 1, newChats = false }, device, message) {
    const chat = this.#delivery.chatOf(message)
    if (to !== undefined && ![to].flat().includes(chat)) return false
    if (newChats && this.#delivery.hasWritten(chat, device.phoneNumber)) return false
    return Math.random() < share
  }
}

/** @param {unknown} value of a fault: a selection, or a value for all messages @returns {Selection} */
function asSelection(value) {
  if (typeof value === 'number') return { code: value, seconds: value }
  if (Array.isArray(value)) return { seconds: value }
  return value === true ? {} : /** @type {Selection} */ (value)
}

/** @param {number[]} span one number, or the least and the most */
function between([least = 0, most = least]) {
  return least + Math.random() * (most - least)
}
