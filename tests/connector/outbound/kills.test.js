// @ts-check
/** A connector that is killed while it sends: the phone and the linked device of the contact show each text once. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { openAccount, until } from '../../support/connector/account.js'
import { LINK, makeSession, openFront, startConnector, startSandbox } from '../../support/connector/harness.js'

const CONTACT = '4915112345678'
const OTHER = '4915187654321'
const OURS = '15551234567'

/** All tests and steps take a minute. */
const IS_SLOW = process.env.FATES === 'all'

/** Where a connector dies before the front hears of a message. */
const STEPS = ['after commit row', 'before commit keys', 'before message', 'after message', 'after commit ack']

/** Frames of a login and of what follows a receipt that waited. */
const FRAMES = [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]

/** @param {string} name */
const imported = name => `--import ${join(import.meta.dirname, '../../support/connector', name)}`

/** The id of the message with a text. @param {string} text */
const idOf = text => `3EB0${Buffer.from(text).toString('hex').toUpperCase().padStart(16, '0')}`

/**
 * A session that sends, in a process of its own, and the linked device of the contact.
 * @param {import('node:test').TestContext} t
 * @param {string[]} imports loaded into each connector
 * @param {boolean} isGroup whether it sends to a group of three
 */
async function openConversation(t, imports = [], isGroup = false) {
  const sandbox = await startSandbox(t)
  const contact = await openAccount(t, sandbox, undefined, undefined, { phoneNumber: CONTACT })
  const session = makeSession(t)
  let have = 0
  /** Ids of the messages that the contact has read, as far as the front has heard. @type {Set<string>} */
  const read = new Set()
  const front = openFront(t, session, {
    onHeard({ seq, event, status, id }) {
      have = Math.max(have, seq ?? 0)
      if (event === 'message_moved' && status === 'read') read.add(id)
    }
  })
  /** A connector that is open, and dies at a step of a text. @param {string} [diesAt] @param {string} [text] */
  const open = async (diesAt = '', text = '') => {
    const environment = {
      ...sandbox.environment,
      NODE_OPTIONS: [imported('mortal_send.js'), ...imports].join(' '),
      DIES_AT: diesAt,
      DIES_WITH: idOf(text)
    }
    const connector = startConnector(t, session, environment)
    await front.meet(have, { account: OURS, link: LINK })
    await front.next('opened')
    return connector
  }
  /** A connector that dies right after so many frames have left, or is killed once the front has heard that a message was read. @param {number} frames @param {string} id */
  const readBefore = async (frames, id) => {
    const connector = startConnector(t, session, {
      ...sandbox.environment,
      NODE_OPTIONS: imported('mortal.js'),
      DIES_AFTER: String(frames)
    })
    await front.meet(have, { account: OURS, link: LINK })
    await until(() => read.has(id) || connector.child.signalCode === 'SIGKILL')
    connector.child.kill('SIGKILL')
    await connector.exit()
  }
  const first = startConnector(t, session, sandbox.environment)
  await front.meet()
  await sandbox.scan((await front.qr()).payload)
  await first.exit()

  const chat = isGroup ? await sandbox.makeGroup([OURS, CONTACT, OTHER]) : `${CONTACT}@s.whatsapp.net`
  /** @param {string} text @param {{again?: boolean, onDoubt?: 'resend' | 'fail'}} [options] */
  const send = (text, { again = false, onDoubt = 'resend' } = {}) =>
    front.say({
      command: 'send',
      id: idOf(text),
      chat,
      message: { kind: 'text', text },
      typing: 0,
      onDoubt,
      again
    })
  /** Until the front hears of such a move. @param {string} status */
  const moved = async status => {
    for (;;) {
      const move = await front.next('message_moved')
      if (move.status === status) return move
    }
  }
  return {
    open,
    send,
    moved,
    read,
    readBefore,
    sandbox,
    folder: session.folder,
    contact,
    /** The texts that a phone shows. @param {string} phone @returns {Promise<string[]>} */
    shown: async phone => (await sandbox.phone(phone)).inbox.map((/** @type {any} */ { text }) => text),
    /** Begins the Signal sessions, in a process of its own. */
    async warmUp() {
      const connector = await open()
      send('warm')
      await moved('delivered')
      connector.child.kill()
      await connector.exit()
    }
  }
}

describe('a connector that is killed while it sends', { concurrency: 2 }, () => {
  for (const isGroup of IS_SLOW ? [false, true] : [false])
    test(`loses no text at any step, and no later one: each phone and linked device ${isGroup ? 'of a group ' : ''}shows each once`, async t => {
      const { open, send, shown, moved, contact, warmUp } = await openConversation(t, [], isGroup)
      const steps = IS_SLOW ? [...STEPS, 'before row'] : ['after message', 'before row']
      const texts = ['warm']
      await warmUp()
      let connector = await open(steps[0], steps[0])
      for (const [n, step] of steps.entries()) {
        texts.push(step)
        send(step)
        assert.equal((await connector.exit()).signal, 'SIGKILL', step)
        connector = await open(steps[n + 1], steps[n + 1])
        send(step, { again: true })
        await moved('sent')
      }
      texts.push('the last one')
      send('the last one')
      await moved('delivered')
      await until(() => contact.texts().includes('the last one'), 'the linked device')
      assert.deepEqual(contact.texts(), texts)
      for (const phone of isGroup ? [CONTACT, OTHER] : [CONTACT]) {
        await until(async () => (await shown(phone)).includes('the last one'))
        assert.deepEqual(await shown(phone), texts)
      }
    })

  test('uses no key of an older folder: after a restore the next texts reach the linked device', {
    skip: !IS_SLOW
  }, async t => {
    const { open, send, moved, contact, warmUp, folder } = await openConversation(t)
    await warmUp()
    const copy = `${folder}/copy.db`
    copyFileSync(`${folder}/connector.db`, copy)
    const connector = await open()
    for (const text of ['one', 'two', 'three']) {
      send(text)
      await moved('delivered')
    }
    connector.child.kill()
    await connector.exit()
    for (const suffix of ['-wal', '-shm']) rmSync(`${folder}/connector.db${suffix}`, { force: true })
    copyFileSync(copy, `${folder}/connector.db`)
    const restored = await open()
    assert.match(restored.output.stderr, /signal_sessions_forgotten/)
    send('four')
    await moved('delivered')
    await until(() => contact.texts().includes('four'), 'the linked device')
    assert.deepEqual(contact.texts(), ['warm', 'one', 'two', 'three', 'four'])
  })

  test('does not send again what may fail in doubt, and the next text reaches the linked device', {
    skip: !IS_SLOW
  }, async t => {
    const { open, send, moved, contact, warmUp } = await openConversation(t)
    await warmUp()
    const connector = await open('after message', 'one')
    send('one', { onDoubt: 'fail' })
    await connector.exit()
    await open()
    send('one', { onDoubt: 'fail', again: true })
    send('two')
    await until(() => contact.texts().includes('two'), 'the linked device')
    assert.deepEqual(contact.texts(), ['warm', 'one', 'two'])
    assert.ok(await moved('sent')) // the receipt that waited shows it
  })

  test('loses no receipt, whichever frame is the last that leaves', { skip: !IS_SLOW }, async t => {
    const { open, send, moved, sandbox, read, readBefore } = await openConversation(t)
    const ids = []
    const connector = await open()
    for (const _ of FRAMES) {
      send(`text ${ids.length}`)
      ids.push((await moved('delivered')).id)
    }
    connector.child.kill()
    await connector.exit()
    for (const [n, frames] of FRAMES.entries()) {
      await sandbox.read(CONTACT, ids[n] ?? '')
      await readBefore(frames, ids[n] ?? '')
    }
    await open()
    await until(() => read.size === ids.length, 'the receipts')
  })

  test('would lose the next text to a linked device if it sealed inside the transaction of Baileys', async t => {
    const { open, send, moved, contact, warmUp } = await openConversation(t, [imported('without_sealing.js')])
    await warmUp()
    const connector = await open('before commit keys', 'one')
    send('one', { onDoubt: 'fail' })
    await connector.exit()
    await open()
    send('lost')
    await moved('delivered')
    send('three')
    await until(() => contact.texts().includes('three'), 'the linked device')
    assert.deepEqual(
      contact.texts().filter(text => text !== null),
      ['warm', 'one', 'three']
    )
  })
})
