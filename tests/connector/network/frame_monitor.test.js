// @ts-check
/** Frames that leave in their order, and not before what they depend on is on the disk. */

import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { monitorFrames } from '../../../connector/network/frame_monitor.js'

/** A socket that notes its frames. */
function open() {
  /** @type {string[]} */
  const sent = []
  /** @type {(() => void)[]} */
  const waiting = []
  const socket = {
    send(/** @type {string} */ frame, /** @type {() => void} */ done) {
      sent.push(frame)
      done()
    }
  }
  const ws = /** @type {any} */ (Object.assign(new EventEmitter(), { socket }))
  let isSaved = true
  const monitor = monitorFrames(ws, {
    limit: 60,
    onSilence() {},
    onceSaved: send => void (isSaved ? send() : waiting.push(send))
  })
  return {
    sent,
    monitor,
    send: (/** @type {string} */ frame) => new Promise(resolve => socket.send(frame, () => resolve(frame))),
    hold: () => void (isSaved = false),
    release: () => void (isSaved = true),
    save() {
      isSaved = true
      for (const send of waiting.splice(0)) send()
    }
  }
}

test('frames wait until all is on the disk, and leave in their order', async () => {
  const { sent, send, hold, save, monitor } = open()
  await send('one')
  hold()
  const frames = [send('two'), send('three')]
  assert.deepEqual(sent, ['one'])
  save()
  assert.deepEqual(await Promise.all(frames), ['two', 'three'])
  await send('four')
  assert.deepEqual(sent, ['one', 'two', 'three', 'four'])
  monitor.stop()
})

test('a frame that need not wait does not overtake one that waits', () => {
  const { sent, send, hold, release, monitor } = open()
  hold()
  void send('one')
  release()
  void send('two')
  assert.deepEqual(sent, ['one', 'two'])
  monitor.stop()
})

test('who sends a frame that waits goes on meanwhile, and hears of one that cannot leave at once', async () => {
  const { sent, send, hold, save, monitor } = open()
  hold()
  await send('one')
  await send('two')
  assert.deepEqual(sent, [])
  save()
  assert.deepEqual(sent, ['one', 'two'])
  monitor.stop()
})
