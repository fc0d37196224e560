// @ts-check
/** Random input in the command pipe: the connector goes on, keeps no more than a line, and logs no secret. */

import '../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { readCommand } from '../../connector/ipc/commands.js'
import { FrontChannel } from '../../connector/ipc/front_channel.js'
import { createLog } from '../../connector/process/logger.js'
import { readLines, splitLines, openWriter } from '../../connector/ipc/pipes.js'
import {
  LINK,
  makeSession,
  openFront,
  openUnpairedSession,
  startConnector,
  startSandbox
} from '../support/connector/harness.js'

/** Every run has the same examples. EXAMPLES in the environment sets a number of random ones. */
const FEW = 200
const EXAMPLES = Number(process.env.EXAMPLES ?? FEW)
const SEED = EXAMPLES === FEW ? 1 : Date.now() % 2 ** 31

/** Stands at every place of a secret: no log line may contain it. */
const CANARY = 'canary-2f9e'

const GOLDEN = readFileSync(join(import.meta.dirname, '../protocol/commands.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
const WRONG = [null, true, -1, 0.5, 2 ** 53, 1e308, '', CANARY, 'x'.repeat(300), '15551234567', {}, [], [[]]]
const ODD = [
  '',
  'null',
  '[]',
  '{}',
  '\u0000\u0001',
  '{"command":"hel',
  '{"command":"__proto__"}',
  '{"command":["close"]}',
  '{"__proto__":{"command":"close"}}',
  `{"command":"dance","key":"${CANARY}"}`,
  '{"command":"hello","front":"f","have":9007199254740991,"have":"x"}',
  '['.repeat(20_000),
  `{"command":${'['.repeat(20_000)}`,
  `${'x'.repeat(100_000)}${CANARY}`,
  '\ud800',
  '{"command":"hello","front":"\\ud800","have":-0}'
]

/** Numbers that look random and are the same for the same seed (mulberry32). @param {number} seed */
function chance(seed) {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  /** @param {number} end */
  const below = end => Math.floor(next() * end)
  return {
    below,
    /** @template T @param {readonly T[]} choices @returns {T} */
    oneOf: choices => choices[below(choices.length)]
  }
}

/** @typedef {ReturnType<typeof chance>} Chance */

/** A golden command with some keys wrong, or missing. @param {Chance} chance */
function altered({ below, oneOf }) {
  const command = JSON.parse(oneOf(GOLDEN))
  for (let times = below(3); times > 0; times--) {
    const key = oneOf(Object.keys(command))
    if (below(3) === 0) delete command[key]
    else command[key] = oneOf(WRONG)
    if (Object.keys(command).length === 0) break
  }
  return JSON.stringify(command)
}

/** @param {Chance} chance */
function bytes({ below }) {
  return String.fromCharCode(...Array.from({ length: below(60) }, () => below(below(4) ? 128 : 0x10000)))
}

/** A line that may be anything. @param {Chance} chance */
function line(chance) {
  return [
    () => chance.oneOf(ODD),
    () => altered(chance),
    () => bytes(chance).replaceAll('\n', ''),
    () => chance.oneOf(GOLDEN)
  ][chance.below(4)]()
}

/** A line that is no command. @param {Chance} chance @returns {string} */
function nonsense(chance) {
  const found = line(chance)
  return readCommand(found) === null ? found : nonsense(chance)
}

/** @param {Chance} chance @param {(chance: Chance) => string} make */
const lines = (chance, make) => Array.from({ length: chance.below(20) }, () => make(chance))

for (let example = 0; example < EXAMPLES; example += 50) {
  const seed = SEED + example
  test(`a line is a command of the golden kinds or none, with seed ${seed}`, () => {
    const random = chance(seed)
    const known = new Set(GOLDEN.map(golden => JSON.parse(golden).command))
    for (let times = 0; times < 50; times++) {
      const command = readCommand(line(random))
      if (command !== null) assert.ok(known.has(command.command))
    }
  })

  test(`lines are the same however they are torn, with seed ${seed}`, () => {
    const random = chance(seed)
    const said = lines(random, line)
    const text = `${said.join('\n')}\n`
    /** @type {string[]} */
    const heard = []
    const split = splitLines(heardLine => heard.push(heardLine))
    for (let at = 0; at < text.length; ) {
      const end = at + 1 + random.below(random.below(2) ? 10 : 30_000)
      split(text.slice(at, end))
      at = end
    }
    assert.deepEqual(
      heard,
      said.filter(({ length }) => length > 0 && length <= 512 * 1024)
    )
  })
}

describe('a front that was sent nonsense', { concurrency: 1 }, () => {
  for (let example = 0; example < EXAMPLES; example += 20) {
    const seed = SEED + example
    test(`is answered, and logs nothing of it, with seed ${seed}`, async t => {
      const random = chance(seed)
      const { folder } = makeSession(t)
      /** @type {string[]} */
      const logged = []
      /** @type {string[]} */
      const executed = []
      const front = new FrontChannel({
        folder,
        epoch: 4,
        skipEpochsTo: seen => seen + 1,
        spool: {
          append: () => {},
          after: () => [],
          forget: () => {},
          skipTo: () => {},
          lastSeq: () => 0,
          withhold: () => {},
          release: () => {}
        },
        onRestored: () => {},
        onHello: () => {},
        log: createLog({}, text => logged.push(text)),
        snapshot: () => ({
          phase: 'connecting',
          qr: null,
          pairingCodeUntil: null,
          reason: null,
          phoneNumber: null,
          pushName: null
        }),
        headAge: () => 0,
        onCommand: ({ command }) => void executed.push(command),
        onUnknownSend: () => {}
      })
      t.after(() => front.close())
      /** @type {string[]} */
      const heard = []
      /** @type {PromiseWithResolvers<void>} */
      const { promise: summed, resolve } = Promise.withResolvers()
      const reader = readLines(join(folder, 'events.fifo'), text => {
        heard.push(JSON.parse(text).event)
        if (heard.at(-1) === 'snapshot') resolve()
      })
      t.after(() => reader.destroy())
      const commands = openWriter(join(folder, 'commands.fifo'), { onDrain() {}, onLost() {} })
      t.after(() => commands?.close())
      for (const text of lines(random, nonsense)) commands?.write(text)
      commands?.write(
        `\n${JSON.stringify({ command: 'hello', front: 'f', have: 0, epoch: 0, account: null, link: LINK })}`
      )
      await summed
      assert.deepEqual(heard, ['ready', 'snapshot'])
      assert.deepEqual(executed, [])
      assert.ok(!logged.join('').includes(CANARY))
    })
  }
})

test('a line without an end takes no memory', () => {
  let longest = 0
  const split = splitLines(() => assert.fail('no line ended'))
  const piece = 'x'.repeat(64 * 1024)
  const before = process.memoryUsage().heapUsed
  for (let pieces = 0; pieces < 2_000; pieces++) {
    split(piece)
    longest = Math.max(longest, process.memoryUsage().heapUsed - before)
  }
  assert.ok(longest < 64 * 2 ** 20, `${longest} bytes for a line of 128 MiB`)
})

describe('the process', { concurrency: 2 }, () => {
  test('goes on after nonsense and a line without an end, and its memory does not grow', async t => {
    const sandbox = await startSandbox(t)
    const { session, front, connector } = await openUnpairedSession(t, sandbox)
    const before = residentMiB(connector.child.pid)
    const random = chance(SEED)
    for (let times = 0; times < 20; times++) for (const text of lines(random, nonsense)) front.write(text)
    await writeAll(join(session.folder, 'commands.fifo'), 'x'.repeat(2 ** 20), 64)
    front.write('')
    front.hello()
    await front.next('snapshot')
    assert.ok(
      residentMiB(connector.child.pid) - before < 60,
      `${before} MiB, then ${residentMiB(connector.child.pid)} MiB`
    )
    assert.ok((await front.qr()).payload)
    assert.ok(!connector.output.stderr.includes(CANARY))
  })

  test('ends only as commands say, in any order of commands', async t => {
    const sandbox = await startSandbox(t)
    const random = chance(SEED)
    for (let times = 0; times < 3; times++) {
      const session = makeSession(t)
      const front = openFront(t, session)
      const connector = startConnector(t, session, sandbox.environment)
      await front.next('up')
      for (const text of [...lines(random, line), ...lines(random, altered)]) front.write(text)
      front.say({ command: 'close' })
      const { code } = await connector.exit()
      assert.ok([0, 78].includes(code), connector.output.stderr) // 78: a hello that names an account came first
      assert.ok(!connector.output.stderr.includes(CANARY), connector.output.stderr)
    }
  })
})

/** @param {number | undefined} pid */
function residentMiB(pid) {
  const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib) / 1024
}

/** Writes a text so many times, as fast as it is read. @param {string} path @param {string} text @param {number} times */
async function writeAll(path, text, times) {
  /** @type {(() => void) | null} */
  let wake = null
  const writer = openWriter(path, { onDrain: () => wake?.(), onLost: () => wake?.() })
  for (let written = 0; written < times; written++) {
    if (writer && !writer.write(text)) await new Promise(resolve => (wake = () => resolve(undefined)))
  }
  await writer?.flushed()
  writer?.close()
}
