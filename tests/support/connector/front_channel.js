// @ts-check
/** A connector's channel to its fronts, on real pipes, with a spool in memory. */

import '../../../connector/process/silence_libraries.js'
import { closeSync, constants, openSync } from 'node:fs'
import { join } from 'node:path'
import { FrontChannel } from '../../../connector/ipc/front_channel.js'
import { createLog } from '../../../connector/process/logger.js'
import { readLines, openWriter } from '../../../connector/ipc/pipes.js'
import { LINK, makeSession } from './harness.js'

/** @typedef {import('node:test').TestContext} TestContext */

/** A spool in memory that counts what is read from it. */
function makeSpool() {
  /** @type {{seq: number, event: any}[]} */
  let kept = []
  /** @type {{seq: number, event: any}[]} */
  let withheld = []
  let last = 0
  const spool = {
    reads: 0,
    /** @param {any} event */
    append: event => void kept.push({ seq: (last += 1), event }),
    /** @param {number} seq @param {number} limit */
    after(seq, limit) {
      const found = kept.filter(row => row.seq > seq).slice(0, limit)
      spool.reads += found.length
      return found
    },
    /** @param {number} seq */
    forget: seq => void (kept = kept.filter(row => row.seq > seq)),
    /** @param {number} seq */
    skipTo: seq => void (last = Math.max(last, seq)),
    lastSeq: () => last,
    /** @param {{seq: number}[]} events */
    withhold: events => void withheld.push(...take(events)),
    /** @param {readonly string[]} names */
    release(names) {
      const released = withheld.filter(({ event }) => names.includes(event.event))
      withheld = withheld.filter(row => !released.includes(row))
      for (const { event } of released) spool.append(event)
    }
  }
  /** @param {{seq: number}[]} events */
  const take = events => {
    const seqs = new Set(events.map(({ seq }) => seq))
    const taken = kept.filter(({ seq }) => seqs.has(seq))
    kept = kept.filter(row => !taken.includes(row))
    return taken
  }
  return spool
}

/** @param {TestContext} t */
export function start(t) {
  const session = makeSession(t)
  const spool = makeSpool()
  /** @type {import('../../../connector/ipc/events.js').Snapshot} */
  const snapshot = {
    phase: 'open',
    qr: null,
    pairingCodeUntil: null,
    reason: null,
    phoneNumber: '15551234567',
    pushName: null
  }
  /** @type {string[]} */
  const executed = []
  const front = new FrontChannel({
    folder: session.folder,
    epoch: 4,
    spool,
    log: createLog({}, () => {}),
    skipEpochsTo: seen => seen + 1,
    snapshot: () => snapshot,
    headAge: () => 0,
    onRestored: () => void executed.push('restored'),
    onHello: ({ account }) => void executed.push(`met by a front that knows ${account}`),
    onCommand: ({ command }) => void executed.push(command),
    onUnknownSend: ({ id, chat }) => void executed.push(`cannot send ${id} to ${chat}`)
  })
  t.after(() => front.close())
  const commands = openWriter(join(session.folder, 'commands.fifo'), { onDrain() {}, onLost() {} })
  t.after(() => commands?.close())
  /** @param {object} command */
  const say = async command => {
    commands?.write(JSON.stringify(command))
    await turns(5)
  }
  return { ...session, events: join(session.folder, 'events.fifo'), spool, front, executed, say }
}

/** Lets what is in the pipes arrive. @param {number} count */
export async function turns(count) {
  for (let turn = 0; turn < count; turn++) await new Promise(next => setTimeout(next, 1))
}

/** @param {TestContext} t @param {string} path */
export function listen(t, path) {
  /** @type {any[]} */
  const heard = []
  const reader = readLines(path, line => heard.push(JSON.parse(line)))
  t.after(() => reader.destroy())
  return heard
}

/** A front that has opened the pipe and does not read. @param {TestContext} t @param {string} path */
export function openDeaf(t, path) {
  const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  t.after(() => closeSync(descriptor))
  return descriptor
}

export const hello = (have = 0, { epoch = 0, account = /** @type {string | null} */ (null) } = {}) => ({
  command: 'hello',
  link: LINK,
  front: 'f',
  have,
  epoch,
  account
})
