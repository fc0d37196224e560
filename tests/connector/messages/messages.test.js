// @ts-check
/** Messages from WhatsApp to the front: each once and in order, also after kills. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import {
  EVENT_NAMES,
  LINK,
  makeSession,
  openFront,
  startConnector,
  startSandbox
} from '../../support/connector/harness.js'

const CONTACT = '4915112345678'
const OTHER = '4915187654321'
const OURS = '15551234567'
const COUNT = Number(process.env.COUNT ?? 100)
const KILLS = Number(process.env.KILLS ?? 3)
/** Frames of a login, approximately. What eight messages that came together say takes one more at least. */
const LOGIN_FRAMES = 10
const TOGETHER = 8
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000)
const HELLO = { command: 'hello', front: 'front-1', epoch: 0, account: null, link: LINK, understands: EVENT_NAMES }

test(`a connector killed ${KILLS} times while ${COUNT} messages come reports each once and in order, seed ${SEED}`, async t => {
  const random = randomFrom(SEED)
  const sandbox = await startSandbox(t)
  const session = makeSession(t)
  const front = holdMessages(t, session, { random, isLate: true })
  const settings = sandbox.environment
  await pair(t, { session, sandbox, front })
  const group = await sandbox.makeGroup([OURS, CONTACT, OTHER])

  const texts = Array.from({ length: COUNT }, (_, n) => `text ${n}`)
  const perKill = Math.ceil(COUNT / KILLS)
  for (let round = 0; round < KILLS; round++) {
    const batch = texts.slice(round * perKill, (round + 1) * perKill)
    const sending = sendAll(sandbox, batch, group)
    if (round % 2) await killedWhenHeard(startConnector(t, session, settings))
    else
      await startConnector(t, session, {
        ...settings,
        ...mortal(1 + Math.floor(random() * (LOGIN_FRAMES + perKill / TOGETHER)))
      }).exit()
    await sending
  }

  /** In the middle of what follows a message, or of the next one. @param {ReturnType<typeof startConnector>} connector */
  async function killedWhenHeard({ child }) {
    await front.hears(1 + Math.floor((random() * perKill) / 2))
    await delay(random() * 5)
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  startConnector(t, session, settings)
  await sandbox.send({ text: 'the last one' })
  await front.holds('the last one')
  assert.deepEqual(front.texts, [...texts, 'the last one'])
  for (const phone of [CONTACT, OTHER]) {
    const { receipts } = await sandbox.phone(phone)
    assert.deepEqual(
      receipts.filter((/** @type {any} */ { type }) => type === 'retry'),
      []
    )
  }
})

/**
 * A front that stores events as the real one does, and acknowledges them late or never.
 * @param {import('node:test').TestContext} t
 * @param {import('../../support/connector/harness.js').TestSession} session
 * @param {{random: () => number, isLate: boolean}} options
 */
function holdMessages(t, session, { random, isLate }) {
  /** @type {string[]} */
  const texts = []
  let have = 0
  let wake = () => {}
  const front = openFront(t, session, {
    onHeard(event) {
      if (event.event === 'up') tell({ ...HELLO, have })
      if (!(event.seq > have)) return
      assert.equal(event.seq, have + 1)
      have = event.seq
      if (event.event === 'message_received') texts.push(event.text)
      wake()
      if (!isLate) tell({ command: 'ack', seq: event.seq })
      else if (random() < 0.5) setTimeout(tell, random() * 100, { command: 'ack', seq: event.seq })
    }
  })
  /** @param {object} command */
  const tell = command => {
    try {
      front.say(command)
    } catch {} // no connector reads the pipe
  }
  const heard = () => new Promise(resolve => (wake = () => resolve(undefined)))
  return {
    ...front,
    texts,
    /** @param {string} text */
    async holds(text) {
      while (texts.at(-1) !== text) await heard()
    },
    /** Resolves after it has got so many more events. @param {number} count */
    async hears(count) {
      const goal = texts.length + count
      while (texts.length < goal) await heard()
    }
  }
}

/** What makes a connector die the moment it has sent so many frames. @param {number} frames */
const mortal = frames => ({
  NODE_OPTIONS: `--import ${join(import.meta.dirname, '../../support/connector/mortal.js')}`,
  DIES_AFTER: String(frames)
})

/**
 * @param {import('node:test').TestContext} t
 * @param {{session: import('../../support/connector/harness.js').TestSession, sandbox: import('../../support/connector/harness.js').Sandbox, front: ReturnType<typeof openFront>}} parts
 */
async function pair(t, { session, sandbox, front }) {
  const connector = startConnector(t, session, sandbox.environment)
  await sandbox.scan((await front.qr()).payload)
  await connector.exit()
}

/**
 * A third of the messages comes from the contact alone, the others from two members of a group.
 * @param {import('../../support/connector/harness.js').Sandbox} sandbox
 * @param {string[]} texts
 * @param {string} group
 */
async function sendAll(sandbox, texts, group) {
  for (const [n, text] of texts.entries()) {
    if (n % 3 === 0) await sandbox.send({ text })
    else await sandbox.send({ text, to: undefined, group, from: n % 3 === 1 ? CONTACT : OTHER })
  }
}

/** Numbers from 0 to 1, the same for the same seed. @param {number} seed */
function randomFrom(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
