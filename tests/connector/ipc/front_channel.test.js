// @ts-check
/** The channel to fronts that are slow, late or gone. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { test } from 'node:test'
import { EVENT_NAMES } from '../../support/connector/harness.js'
import { hello, listen, openDeaf, start, turns } from '../../support/connector/front_channel.js'

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
