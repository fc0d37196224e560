// @ts-check
/** Errors of reading a frame, and errors of those that handle it. */

import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { catchUnreadable } from '../../../connector/network/unreadable_frames.js'

/** Baileys' client, which reads like `read`. @param {(data: Buffer) => Promise<void>} read */
function clientThat(read) {
  const ws = new EventEmitter()
  ws.on('message', read)
  /** @type {unknown[]} */
  const unreadable = []
  catchUnreadable(/** @type {any} */ (ws), error => unreadable.push(error))
  const [listener] = ws.listeners('message')
  return { ws, unreadable, receive: () => listener(Buffer.from('frame')) }
}

test('a frame that cannot be read is reported', async () => {
  const torn = new Error('end of stream')
  const { unreadable, receive } = clientThat(() => Promise.reject(torn))
  await receive()
  assert.deepEqual(unreadable, [torn])
})

test('an error of a listener ends the process, as before', async () => {
  const full = new Error('the disk is full')
  const { ws, unreadable, receive } = clientThat(async () => void ws.emit('frame'))
  ws.on('frame', () => {
    throw full
  })
  await assert.rejects(receive(), full)
  assert.deepEqual(unreadable, [])
})
