// @ts-check
/**
 * Channel to the front, a process that may come and go at any time.
 *
 * Events that the front must get wait in the spool, which is the only backlog. While the pipe is full, nothing is kept here: one
 * snapshot replaces what was missed.
 */

import { join } from 'node:path'
import { readCommand, readUnknownSend } from './commands.js'
import { pong, ready, snapshotTaken, up } from './events.js'
import { readLines, openWriter } from './pipes.js'

/** Spooled events that are read at once. */
const REPLAY_BATCH_EVENTS = 64

/** What a front may ask for, beyond what every connector can. @type {string[]} */
const ABILITIES = ['send', 'marks']

/** The events that a front understands which does not say so: those of Motte 0.2.0. */
const OLDEST_EVENTS = [
  'up',
  'ready',
  'pong',
  'snapshot',
  'qr_issued',
  'scan_refused',
  'pairing_code_awaited',
  'qrs_exhausted',
  'pairing_code_issued',
  'pairing_code_refused',
  'pairing_code_withdrawn',
  'paired',
  'opened',
  'closed',
  'logged_out',
  'message_received',
  'message_skipped'
]

/** @typedef {import('./events.js').Event} Event */
/** @typedef {import('./commands.js').Hello} Hello */
/** @typedef {Exclude<import('./commands.js').Command, Hello | import('./commands.js').Ack | import('./commands.js').Ping>} SessionCommand a command that the session executes */

/**
 * @typedef {object} Parts
 * @property {string} folder
 * @property {number} epoch
 * @property {(epoch: number) => number} skipEpochsTo returns the first epoch after one that a front has seen
 * @property {Pick<import('../storage/spool.js').Spool, 'append' | 'after' | 'forget' | 'skipTo' | 'lastSeq' | 'withhold' | 'release'>} spool
 * @property {import('../process/logger.js').Log} log
 * @property {() => import('./events.js').Snapshot} snapshot
 * @property {() => number} headAge seconds since the message began that is handled now; 0 if no message is handled
 * @property {() => void} onRestored called before the first hello is answered, if the folder is older than what the front knows, or
 *   a backup
 * @property {(hello: Hello) => void} onHello called after a hello is answered
 * @property {(command: SessionCommand) => void} onCommand
 * @property {(message: {id: string, chat: string}) => void} onUnknownSend called for a message that this version cannot send
 */

export class FrontChannel {
  #parts
  #epoch
  #commands
  /** @type {import('./pipes.js').Writer | null} */
  #pipe = null
  /** Whether the front has said hello on this pipe. */
  #isAttached = false
  #isFull = false
  #isSnapshotDue = false
  /** The last seq that was written to this pipe. */
  #lastSent = 0
  #unreadable = 0
  /** Names of the events that the front understands. @type {ReadonlySet<string>} */
  #understood = new Set(OLDEST_EVENTS)
  /** Whether a front has said hello to this process. */
  #hasMet = false

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts
    this.#epoch = parts.epoch
    this.#commands = readLines(join(parts.folder, 'commands.fifo'), line => this.#receive(line))
  }

  /** Announces this process, if a front reads. */
  announce() {
    this.#reopen()
    this.#greet(up())
  }

  /** Sends an event that is true only now. @param {Event} event */
  send(event) {
    if (!this.#understood.has(event.event)) return
    if (this.#isAttached && !this.#isFull) this.#write(this.#stamped(event))
    else this.#isSnapshotDue = true
  }

  /** Writes an event that must not be lost; `deliver` sends it. Call it inside a transaction. @param {Event} event */
  spool(event) {
    this.#parts.spool.append(this.#stamped(event))
  }

  /** Sends the events in the spool, as far as the pipe accepts them. */
  deliver() {
    this.#pipe?.together(() => this.#deliverAll())
  }

  #deliverAll() {
    while (this.#isAttached && !this.#isFull) {
      const batch = this.#parts.spool.after(this.#lastSent, REPLAY_BATCH_EVENTS)
      if (batch.length === 0) return this.#sendSnapshot()
      this.#sendSpooled(batch)
    }
  }

  /** Resolves after all events are in the pipe. */
  async flushed() {
    await this.#pipe?.flushed()
  }

  /** Whether the front has stored every spooled event. */
  hasAcknowledgedAll() {
    return this.#parts.spool.after(0, 1).length === 0
  }

  close() {
    this.#commands.destroy()
    this.#pipe?.close()
  }

  /** @param {string} line */
  #receive(line) {
    const command = readCommand(line)
    if (!command) return this.#noteUnreadable(line)
    if (command.command === 'hello') return this.#answer(command)
    if (command.command === 'ping')
      return this.#isAttached && !this.#isFull && this.#write(this.#stamped(pong(this.#parts.headAge())))
    if (command.command === 'ack') return this.#parts.spool.forget(command.seq)
    this.#parts.onCommand(command)
  }

  /** A line that is torn, or of a newer front. @param {string} line */
  #noteUnreadable(line) {
    this.#parts.log.warning('command_unreadable', { count: (this.#unreadable += 1) })
    const message = readUnknownSend(line)
    if (message) this.#parts.onUnknownSend(message)
  }

  /** @param {Hello} hello */
  #answer(hello) {
    const { front, have, epoch } = hello
    this.#reopen()
    if (!this.#pipe) return
    this.#parts.log.info('front_said_hello', { have })
    this.#noteRestore(hello)
    this.#skipTo(epoch, have)
    this.#greet(ready(front, ABILITIES))
    this.#understood = new Set(hello.understands ?? OLDEST_EVENTS)
    this.#isAttached = true
    this.#isSnapshotDue = true
    this.#lastSent = have
    this.#parts.spool.forget(have)
    this.#parts.spool.release([...this.#understood])
    this.deliver()
    this.#parts.onHello(hello)
  }

  /** A folder does not change while its process runs: only the first hello can say that it was restored. @param {Hello} hello */
  #noteRestore({ epoch, have, restored }) {
    if (this.#hasMet) return
    this.#hasMet = true
    if (restored || epoch > this.#epoch || have > this.#parts.spool.lastSeq()) this.#parts.onRestored()
  }

  /** Continues after the numbers of the front: a restored folder is older, and its events would count as old ones. @param {number} epoch @param {number} have */
  #skipTo(epoch, have) {
    if (epoch > this.#epoch) this.#epoch = this.#parts.skipEpochsTo(epoch)
    this.#parts.spool.skipTo(have)
  }

  #reopen() {
    this.#closePipe()
    this.#pipe = openWriter(join(this.#parts.folder, 'events.fifo'), {
      onDrain: () => {
        this.#isFull = false
        this.deliver()
      },
      onLost: () => {
        this.#parts.log.warning('front_lost')
        this.#closePipe()
      }
    })
  }

  #closePipe() {
    this.#pipe?.close()
    this.#pipe = null
    this.#isAttached = this.#isFull = false
  }

  /** @param {ReturnType<import('../storage/spool.js').Spool['after']>} batch */
  #sendSpooled(batch) {
    const strange = batch.filter(({ event }) => !this.#understood.has(event.event))
    if (strange.length > 0) this.#parts.spool.withhold(strange)
    for (const { seq, event } of batch) {
      if (this.#isFull) return
      this.#lastSent = seq
      if (!this.#understood.has(event.event)) continue
      const { event: name, epoch, ...rest } = event
      this.#write({ event: name, epoch, seq, ...rest })
    }
  }

  #sendSnapshot() {
    if (!this.#isSnapshotDue) return
    this.#isSnapshotDue = false
    this.#write(this.#stamped(snapshotTaken(this.#parts.snapshot())))
  }

  /** Sends a greeting. The newline ends a line that a killed writer may have torn. @param {Event} event */
  #greet(event) {
    this.#write(this.#stamped(event), '\n')
  }

  /** @param {object} stamped @param {string} [prefix] */
  #write(stamped, prefix = '') {
    if (this.#pipe && !this.#pipe.write(prefix + JSON.stringify(stamped))) this.#isFull = true
  }

  /** @param {Event} event @returns {Event} */
  #stamped({ event, ...rest }) {
    return { event, epoch: this.#epoch, ...rest }
  }
}
