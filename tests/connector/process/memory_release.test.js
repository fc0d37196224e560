// @ts-check
/** When a session that has worked gives memory back. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mock, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createMemoryRelease } from '../../../connector/process/memory_release.js'

const MODULE = import.meta.resolve('../../../connector/process/memory_release.js')

const MIB = 2 ** 20
const GROWTH = 6

/** A process whose heap has so many MiB, and 15 after a collection. The test turns its clock. @param {import('node:test').TestContext} t */
function working(t) {
  mock.timers.enable({ apis: ['setTimeout'] })
  let now = 0
  const clock = mock.method(performance, 'now', () => now)
  t.after(() => {
    mock.timers.reset()
    clock.mock.restore()
  })
  const session = { heap: 15, collections: 0 }
  const release = createMemoryRelease({
    heap: () => session.heap * MIB,
    collect() {
      session.collections += 1
      session.heap = 15
    }
  })
  /** @param {number} seconds */
  const pass = seconds => {
    for (let tenth = 0; tenth < seconds * 10; tenth += 1) {
      now += 100
      mock.timers.tick(100)
    }
  }
  return { session, release, pass }
}

test('memory is given back once, three seconds after the last frame', t => {
  const { session, release, pass } = working(t)
  release.note()
  session.heap += GROWTH
  pass(2)
  release.note()
  pass(2.9)
  assert.equal(session.collections, 0)
  pass(0.1)
  assert.equal(session.collections, 1)
  pass(3600)
  assert.equal(session.collections, 1)
})

test('a heap that has grown less is left as it is', t => {
  const { session, release, pass } = working(t)
  release.note()
  session.heap += GROWTH - 0.1
  pass(3600)
  assert.equal(session.collections, 0)
})

test('a session whose frames never pause collects nothing', t => {
  const { session, release, pass } = working(t)
  session.heap += GROWTH
  for (let second = 0; second < 600; second += 2) {
    release.note()
    pass(2)
  }
  assert.equal(session.collections, 0)
})

test('after the next work memory is given back again', t => {
  const { session, release, pass } = working(t)
  for (let times = 1; times < 4; times += 1) {
    session.heap += GROWTH
    release.note()
    pass(3)
    assert.equal(session.collections, times)
  }
})

test('a collection makes the heap smaller, in a Node that may do nothing else', () => {
  const program = `
    import { getHeapStatistics } from 'node:v8'
    import { collectGarbage } from ${JSON.stringify(MODULE)}
    let garbage = Array.from({ length: 200_000 }, (_, index) => ({ index }))
    const before = getHeapStatistics().total_heap_size
    garbage = null
    collectGarbage()
    console.log(before - getHeapStatistics().total_heap_size, 'gc' in globalThis)`
  const options = ['--permission', `--allow-fs-read=${fileURLToPath(MODULE)}`, '--input-type=module', '--eval', program]
  const [less, isOpen] = execFileSync(process.execPath, options, { encoding: 'utf8' }).trim().split(' ')
  assert.ok(Number(less) > 4 * MIB, less)
  assert.equal(isOpen, 'false')
})
