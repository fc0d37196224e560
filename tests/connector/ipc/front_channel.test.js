// @ts-check
/** The channel to fronts that are slow, late or gone. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { FrontChannel } from '../../../connector/ipc/front_channel.js'
import { createLog } from '../../../connector/process/logger.js'
import { readLines, openWriter } from '../../../connector/ipc/pipes.js'
import { EVENT_NAMES, LINK, makeSession } from '../../support/connector/harness.js'

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
function start(t) {
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
async function turns(count) {
  for (let turn = 0; turn < count; turn++) await new Promise(next => setTimeout(next, 1))
}

/** @param {TestContext} t @param {string} path */
function listen(t, path) {
  /** @type {any[]} */
  const heard = []
  const reader = readLines(path, line => heard.push(JSON.parse(line)))
  t.after(() => reader.destroy())
  return heard
}

/** A front that has opened the pipe and does not read. @param {TestContext} t @param {string} path */
function openDeaf(t, path) {
  const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  t.after(() => closeSync(descriptor))
  return descriptor
}

const hello = (have = 0, { epoch = 0, account = /** @type {string | null} */ (null) } = {}) => ({
  command: 'hello',
  link: LINK,
  front: 'f',
  have,
  epoch,
  account
})

test('up follows a newline, which ends a line that a killed writer tore', t => {
  const { events, front } = start(t)
  const descriptor = openDeaf(t, events)
  front.announce()
  const buffer = Buffer.alloc(100)
  assert.equal(buffer.toString('utf8', 0, readSync(descriptor, buffer)), '\n{"event":"up","epoch":4}\n')
})

test('without a front nothing is sent and nothing fails', t => {
  const { front, spool } = start(t)
  front.announce()
  front.send({ event: 'qrs_exhausted' })
  front.spool({ event: 'opened' })
  front.deliver()
  assert.equal(spool.reads, 0)
})

test('a hello is answered by ready, the events that the front lacks, and a snapshot, in this order', async t => {
  const { events, front, say } = start(t)
  const heard = listen(t, events)
  for (const event of ['paired', 'opened', 'closed']) front.spool({ event })
  await say(hello(1))
  assert.deepEqual(
    heard.map(({ event, epoch, seq }) => [event, epoch, seq]),
    [
      ['ready', 4, undefined],
      ['opened', 4, 2],
      ['closed', 4, 3],
      ['snapshot', 4, undefined]
    ]
  )
})

test('before its hello a front gets only up', async t => {
  const { events, front } = start(t)
  const heard = listen(t, events)
  front.announce()
  front.send({ event: 'qrs_exhausted' })
  front.spool({ event: 'opened' })
  front.deliver()
  await turns(5)
  assert.deepEqual(
    heard.map(({ event }) => event),
    ['up']
  )
})

test('an acknowledged event is never sent again', async t => {
  const { events, front, say } = start(t)
  const heard = listen(t, events)
  for (const event of ['paired', 'opened']) front.spool({ event })
  await say({ command: 'ack', seq: 1 })
  await say(hello(0))
  assert.deepEqual(
    heard.map(({ event }) => event),
    ['ready', 'opened', 'snapshot']
  )
})

test('a front that does not read costs no memory, and gets everything in order once it reads', async t => {
  const { events, front, spool, say } = start(t)
  openDeaf(t, events)
  await say(hello(0))
  for (let count = 0; count < 3000; count++) {
    front.spool({ event: 'closed', reason: { code: 'connection-lost', detail: 'x'.repeat(1000) } })
    front.deliver()
  }
  assert.ok(spool.reads < 300, `${spool.reads} of 3000 were read for a pipe of 64 KiB`)
  const heard = listen(t, events)
  while (heard.at(-1)?.seq !== 3000) await turns(5)
  assert.deepEqual(
    heard.filter(({ seq }) => seq).map(({ seq }) => seq),
    Array.from({ length: 3000 }, (_, index) => index + 1)
  )
})

test('events that were missed while the pipe was full are replaced by a snapshot', async t => {
  const { events, front, say } = start(t)
  openDeaf(t, events)
  await say(hello(0))
  for (let count = 0; count < 200; count++) front.spool({ event: 'closed', detail: 'x'.repeat(1000) })
  front.deliver()
  front.send({ event: 'qrs_exhausted' })
  const heard = listen(t, events)
  while (heard.filter(({ event }) => event === 'snapshot').length < 2) await turns(5)
  assert.ok(!heard.some(({ event }) => event === 'qrs_exhausted'))
  assert.equal(heard.at(-1).event, 'snapshot')
})

test('a front that is gone is noticed at the next event, and the next front gets the rest', async t => {
  const { events, front, say } = start(t)
  const gone = openSync(events, constants.O_RDWR | constants.O_NONBLOCK)
  await say(hello(0))
  closeSync(gone)
  front.spool({ event: 'opened' })
  front.deliver()
  await turns(5)
  front.spool({ event: 'closed' })
  front.deliver()
  const heard = listen(t, events)
  await say(hello(0))
  assert.deepEqual(
    heard.map(({ event }) => event),
    ['ready', 'opened', 'closed', 'snapshot']
  )
})

test('the session gets the commands that are for it, and no greetings', async t => {
  const { events, executed, say } = start(t)
  listen(t, events)
  await say(hello(0))
  await say({ command: 'close' })
  await say({ command: 'dance' })
  await say({ command: 'logout' })
  assert.deepEqual(executed, ['met by a front that knows null', 'close', 'logout'])
})

test('an older front gets what it understands; the rest waits for one that understands it, whatever was acknowledged', async t => {
  const { events, front, say } = start(t)
  const heard = listen(t, events)
  const numbered = () => heard.filter(({ seq }) => seq).map(({ event, seq }) => [event, seq])
  for (const event of ['opened', 'contact_linked', 'call_came', 'closed']) front.spool({ event })
  await say(hello(0))
  front.send({ event: 'typing' })
  front.spool({ event: 'contact_linked' })
  front.deliver()
  await say({ command: 'ack', seq: 4 })
  assert.deepEqual(numbered(), [
    ['opened', 1],
    ['closed', 4]
  ])
  assert.equal(front.hasAcknowledgedAll(), true)
  heard.length = 0
  await say({ ...hello(4), understands: ['contact_linked'] })
  assert.deepEqual(numbered(), [
    ['contact_linked', 6],
    ['contact_linked', 7]
  ])
  heard.length = 0
  await say({ ...hello(7), understands: EVENT_NAMES })
  front.send({ event: 'typing' })
  await turns(5)
  assert.deepEqual(
    heard.map(({ event }) => event),
    ['ready', 'call_came', 'snapshot', 'typing']
  )
})

test('a message that this version cannot send is named to the session; no other unreadable line is', async t => {
  const { events, executed, say } = start(t)
  listen(t, events)
  const message = { command: 'send', id: 'A', chat: '4915@s.whatsapp.net', message: { kind: 'hologram' } }
  for (const command of [message, { ...message, id: 7 }, { ...message, command: 'project' }, { ...message, chat: {} }])
    await say(command)
  assert.deepEqual(executed, ['cannot send A to 4915@s.whatsapp.net', 'cannot send A to '])
})

test('a front that knows a newer epoch, or more events, gets higher numbers', async t => {
  const { events, front, say } = start(t)
  const heard = listen(t, events)
  await say(hello(7, { epoch: 9 }))
  front.spool({ event: 'opened' })
  front.deliver()
  await turns(5)
  assert.deepEqual(
    heard.map(({ event, epoch, seq }) => [event, epoch, seq]),
    [
      ['ready', 10, undefined],
      ['snapshot', 10, undefined],
      ['opened', 10, 8]
    ]
  )
})

test('a ping is answered by a pong after a hello', async t => {
  const { events, say } = start(t)
  const heard = listen(t, events)
  await say({ command: 'ping' })
  await say(hello(0))
  await say({ command: 'ping' })
  assert.deepEqual(
    heard.map(({ event }) => event),
    ['ready', 'snapshot', 'pong']
  )
})

test('the front has all events after it has acknowledged the last one', async t => {
  const { front, say } = start(t)
  assert.equal(front.hasAcknowledgedAll(), true)
  front.spool({ event: 'opened' })
  assert.equal(front.hasAcknowledgedAll(), false)
  await say({ command: 'ack', seq: 1 })
  assert.equal(front.hasAcknowledgedAll(), true)
})
