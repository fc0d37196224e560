// @ts-check
/**
 * The front, as a connector sees it: a process that may come, go and come back at any time.
 *
 * What it must learn waits in the spool, which is the only backlog: while the pipe is full nothing is kept here, and
 * what has passed meanwhile is summed up in one snapshot.
 */

import { join } from 'node:path'
import { readCommand } from './commands.js'
import { pong, ready, snapshotTaken, up } from './events.js'
import { hearLines, openWriter } from './pipes.js'

/** Spooled events that are read at once. */
const BATCH = 64

/** @typedef {import('./events.js').Event} Event */
/** @typedef {import('./commands.js').Hello} Hello */
/** @typedef {Exclude<import('./commands.js').Command, Hello | import('./commands.js').Ack | import('./commands.js').Ping>} Order what is for the session */

/**
 * @typedef {object} Parts
 * @property {string} folder
 * @property {number} epoch
 * @property {(heard: number) => number} outrun the next epoch after one that a front has heard
 * @property {import('../storage/spool.js').Spool} spool
 * @property {import('../process/logger.js').Log} log
 * @property {() => import('./events.js').Snapshot} describe
 * @property {() => number} headAge seconds since the message began that is handled now; 0 if no message is handled
 * @property {(hello: Hello) => void} met called once a hello is answered
 * @property {(order: Order) => void} obey
 */

export class Front {
  #parts
  #epoch
  #commands
  /** @type {import('./pipes.js').Writer | null} */
  #pipe = null
  /** It said hello on this pipe. */
  #isAttached = false
  #isFull = false
  #isSnapshotDue = false
  /** The last seq that went into this pipe. */
  #sent = 0
  #unreadable = 0

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts
    this.#epoch = parts.epoch
    this.#commands = hearLines(join(parts.folder, 'commands.fifo'), line => this.#hear(line))
  }

  /** Says that this process lives, if a front is there. */
  wake() {
    this.#reopen()
    this.#greet(up())
  }

  /** Tells what is true only now. @param {Event} event */
  tell(event) {
    if (this.#isAttached && !this.#isFull) this.#send(this.#stamped(event))
    else this.#isSnapshotDue = true
  }

  /** Writes what must not be lost; deliver() sends it. Meant for the inside of a transaction. @param {Event} event */
  keep(event) {
    this.#parts.spool.append(this.#stamped(event))
  }

  /** Sends what the spool holds, as far as the pipe takes it. */
  deliver() {
    while (this.#isAttached && !this.#isFull) {
      const batch = this.#parts.spool.after(this.#sent, BATCH)
      if (batch.length === 0) return this.#summarize()
      this.#sendSpooled(batch)
    }
  }

  /** Resolves once all that there is to say is in the pipe. */
  async heardOut() {
    await this.#pipe?.flushed()
  }

  /** Whether the front has on its disk whatever it must not lose. */
  hasAll() {
    return this.#parts.spool.after(0, 1).length === 0
  }

  close() {
    this.#commands.destroy()
    this.#pipe?.close()
  }

  /** @param {string} line */
  #hear(line) {
    const command = readCommand(line)
    if (!command) return this.#parts.log.warning('command_unreadable', { count: (this.#unreadable += 1) })
    if (command.command === 'hello') return this.#answer(command)
    if (command.command === 'ping')
      return this.#isAttached && !this.#isFull && this.#send(this.#stamped(pong(this.#parts.headAge())))
    if (command.command === 'ack') return this.#parts.spool.forget(command.seq)
    this.#parts.obey(command)
  }

  /** @param {Hello} hello */
  #answer(hello) {
    const { front, have, epoch } = hello
    this.#reopen()
    if (!this.#pipe) return
    this.#parts.log.info('front_said_hello', { have })
    this.#outrun(epoch, have)
    this.#greet(ready(front))
    this.#isAttached = true
    this.#isSnapshotDue = true
    this.#sent = have
    this.#parts.spool.forget(have)
    this.deliver()
    this.#parts.met(hello)
  }

  /** A folder that was put back is older than what the front knows, and would be taken for a start that is past. @param {number} epoch @param {number} have */
  #outrun(epoch, have) {
    if (epoch > this.#epoch) this.#epoch = this.#parts.outrun(epoch)
    this.#parts.spool.outrun(have)
  }

  #reopen() {
    this.#letGo()
    this.#pipe = openWriter(join(this.#parts.folder, 'events.fifo'), {
      onDrain: () => this.#drained(),
      onLost: () => this.#lost()
    })
  }

  #drained() {
    this.#isFull = false
    this.deliver()
  }

  #lost() {
    this.#parts.log.warning('front_lost')
    this.#letGo()
  }

  #letGo() {
    this.#pipe?.close()
    this.#pipe = null
    this.#isAttached = this.#isFull = false
  }

  /** @param {ReturnType<import('../storage/spool.js').Spool['after']>} batch */
  #sendSpooled(batch) {
    for (const { seq, event } of batch) {
      if (this.#isFull) return
      this.#sent = seq
      const { event: name, epoch, ...rest } = event
      this.#send({ event: name, epoch, seq, ...rest })
    }
  }

  #summarize() {
    if (!this.#isSnapshotDue) return
    this.#isSnapshotDue = false
    this.#send(this.#stamped(snapshotTaken(this.#parts.describe())))
  }

  /** The newline ends a line that a killed writer may have torn. @param {Event} event */
  #greet(event) {
    this.#send(this.#stamped(event), '\n')
  }

  /** @param {object} stamped @param {string} [prefix] */
  #send(stamped, prefix = '') {
    if (this.#pipe && !this.#pipe.write(prefix + JSON.stringify(stamped))) this.#isFull = true
  }

  /** @param {Event} event @returns {Event} */
  #stamped({ event, ...rest }) {
    return { event, epoch: this.#epoch, ...rest }
  }
}
