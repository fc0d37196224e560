// @ts-check
/** A linked account in the process of the test: a session and its sockets on a database, without a front. */

import '../../../connector/process/silence_libraries.js'
import '../../../connector/network/binary_tokens.js'
import { openCredentials } from '../../../connector/storage/credentials.js'
import { openDedup } from '../../../connector/messages/dedup.js'
import { openOutbound } from '../../../connector/outbound/outbound.js'
import { WhatsAppSocket } from '../../../connector/session/socket.js'
import { createLog } from '../../../connector/process/logger.js'
import { openConnectorDatabase } from '../../../connector/storage/database.js'
import { openServerIdentity } from '../../../connector/session/server_identity.js'
import { Session } from '../../../connector/session/session.js'
import { readSettings } from '../../../connector/settings.js'
import { createSkipCounter } from '../../../connector/messages/skipped.js'
import { openRetention } from '../../../connector/storage/retention.js'
import { openSpool } from '../../../connector/storage/spool.js'
import { checkCertificates } from '../../../connector/network/certificate_check.js'
import { LINK, makeSession } from './harness.js'

// Baileys leaves timers of up to 60 s behind, for which the process would wait.
const startTimer = globalThis.setTimeout
Object.assign(globalThis, {
  setTimeout(/** @type {Parameters<typeof startTimer>} */ ...args) {
    const timer = startTimer(...args)
    return Number(args[1]) > 5_000 ? timer.unref() : timer
  }
})

/** Limit for something that must happen. */
const WAIT_TIMEOUT_MS = 30_000

let areCertificatesChecked = false

/** @typedef {ConstructorParameters<typeof WhatsAppSocket>[4]} Limits */

/**
 * Pairs an account with a sandbox, and connects it.
 * @param {import('node:test').TestContext} t
 * @param {import('./harness.js').Sandbox} sandbox
 * @param {Limits} [limits]
 * @param {{maxBytes?: number}} [spoolOptions]
 * @param {{phoneNumber?: string, timeouts?: {ack: number, relay: number, groupRelay: number}, pauses?: number[]}} [others] timeouts, pauses: seconds, of
 *   messages that are sent
 */
export async function openAccount(t, sandbox, limits, spoolOptions, { phoneNumber, ...sendOptions } = {}) {
  const { id, state, folder } = makeSession(t)
  const settings = readSettings([id], { ...sandbox.environment, MOTTE_STATE: state })
  const database = openConnectorDatabase(folder)
  if (!areCertificatesChecked) checkCertificates(settings) // once: every sandbox has the same root
  areCertificatesChecked = true
  const server = openServerIdentity(database, settings)
  const spool = openSpool(database, spoolOptions)
  /** @type {string[]} */
  const logged = []
  const log = createLog({}, line => logged.push(line))
  /** @type {any[]} */
  const sent = []
  const front = {
    send: (/** @type {any} */ event) => void sent.push(event),
    spool: (/** @type {object} */ event) => spool.append(event),
    deliver() {},
    hasAcknowledgedAll: () => true
  }
  const kept = () => spool.after(0, 10_000).map(({ event }) => event)
  const open = () => {
    const exited = Promise.withResolvers()
    const credentials = openCredentials(database)
    const outbound = openOutbound(database, credentials, () => front, { log, ...sendOptions })
    const dedup = openDedup(database, () => front, { bound: spool })
    const memory = {
      credentials,
      outbound,
      dedup,
      retention: openRetention(database, [outbound, dedup.secrets]),
      skipped: createSkipCounter(),
      log
    }
    const session = new Session({
      ...memory,
      settings,
      database,
      server,
      spool,
      front,
      exit: exited.resolve,
      openSocket: (options, listener) => new WhatsAppSocket(settings, options, memory, listener, limits)
    })
    session.start()
    session.receiveHello({ front: 'front-1', have: 0, account: null, link: LINK })
    return { session, exited: exited.promise }
  }
  const first = open()
  const { payload } = await until(() => sent.find(({ event }) => event === 'qr_issued'))
  await sandbox.scan(payload, phoneNumber)
  await first.exited
  let { session } = open()
  t.after(() => {
    session.stop()
    database.close()
  })
  await until(() => session.snapshot().phase === 'open')
  return {
    session: () => session,
    /** Starts the session again, as the next process would. */
    async again() {
      session.stop()
      session = open().session
    },
    logged,
    spool,
    database,
    sent,
    /** A front says this. @param {any} command */
    say: command => session.execute(command),
    kept,
    texts: () =>
      kept()
        .filter(({ event }) => event === 'message_received')
        .map(({ text }) => text),
    /** The events with this name that must reach a front. @param {string} name */
    named: name => kept().filter(({ event }) => event === name)
  }
}

/**
 * Resolves with the result of `look` as soon as there is one.
 * @template T
 * @param {() => T | Promise<T>} look
 * @param {string} [what]
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(look, what = String(look)) {
  const deadline = AbortSignal.timeout(WAIT_TIMEOUT_MS)
  for (;;) {
    const found = await look()
    if (found) return found
    if (deadline.aborted) throw new Error(`waited in vain for ${what}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
