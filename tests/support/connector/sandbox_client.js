// @ts-check
/** A sandbox to test, its control port, and unmodified Baileys as its client. */

import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import '../../../connector/sandbox/server/silence_libraries.js'
import { startSandbox } from '../../../connector/sandbox/server/sandbox.js'
import { isSignedBy } from '../../../connector/sandbox/protocol/keys.js'
import * as baileys from '../../../connector/node_modules/baileys/lib/index.js'

/** @typedef {baileys.AuthenticationState} AuthenticationState */
/** @typedef {baileys.ConnectionState} ConnectionState */
/** @typedef {baileys.UserFacingSocketConfig} UserFacingSocketConfig */
/** @import { TestContext } from 'node:test' */

/** Limit for something that must happen. */
const WAIT_TIMEOUT_MS = 5000

// Baileys leaves timers behind, of up to 30 s, for which the process would wait. A sandbox keeps it alive long enough.
const startTimer = globalThis.setTimeout
Object.assign(globalThis, {
  setTimeout: (/** @type {Parameters<typeof startTimer>} */ ...args) => startTimer(...args).unref()
})

/** @type {NonNullable<UserFacingSocketConfig['logger']>} */
const SILENT = { level: 'silent', child: () => SILENT, trace() {}, debug() {}, info() {}, warn() {}, error() {} }

/**
 * A sandbox that ends with the test.
 * @param {TestContext} t
 * @param {Parameters<typeof startSandbox>[0]} [options]
 */
export async function openSandbox(t, options = {}) {
  const sandbox = await startSandbox(options)
  const { url, rootKey, controlUrl } = sandbox.announcement
  const control = controlOf(controlUrl)
  let isOpen = true
  const close = async () => {
    isOpen = false
    await sandbox.close()
  }
  t.after(async () => {
    const { unknownQueries } = isOpen ? await control.state() : { unknownQueries: [] }
    await close()
    assert.deepEqual(unknownQueries, [], 'the client makes queries that the sandbox does not know')
  })
  baileys.WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootKey, 'hex')
  return { ...control, url, rootKey, controlUrl, close }
}

/** @param {string} controlUrl */
export function controlOf(controlUrl) {
  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body] a text is sent as it stands
   * @returns {Promise<{ status: number, body: any }>}
   */
  async function ask(method, path, body) {
    const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
    const response = await fetch(`${controlUrl}/${path}`, {
      method,
      body: text,
      signal: AbortSignal.timeout(WAIT_TIMEOUT_MS)
    })
    return { status: response.status, body: await response.json() }
  }
  const state = async () => (await ask('GET', 'state')).body
  /** Asks for the state until it is as wanted. @param {(state: any) => boolean} isWanted */
  async function until(isWanted) {
    const deadline = AbortSignal.timeout(WAIT_TIMEOUT_MS)
    while (!isWanted(await state())) deadline.throwIfAborted()
  }
  /**
   * Asks for a path until the response is as wanted.
   * @param {string} path
   * @param {(body: any) => boolean} isWanted
   */
  async function where(path, isWanted) {
    const deadline = AbortSignal.timeout(WAIT_TIMEOUT_MS)
    for (;;) {
      const { body } = await ask('GET', path)
      if (isWanted(body)) return body
      deadline.throwIfAborted()
    }
  }
  return {
    ask,
    state,
    until,
    /** What a phone has got, once it is as wanted. @param {string} phoneNumber @param {(phone: any) => boolean} [isWanted] */
    phone: (phoneNumber, isWanted = () => true) => where(`phone?phoneNumber=${phoneNumber}`, isWanted),
    /** The texts that a phone shows, once they are as wanted. @param {string} phoneNumber @param {(texts: any) => boolean} [isWanted] */
    texts: (phoneNumber, isWanted = () => true) => where(`texts?phoneNumber=${phoneNumber}`, isWanted),
    /** @param {string} path @param {unknown} [body] */
    post: (path, body) => ask('POST', path, body),
    /** @param {string} path @param {unknown} body */
    put: (path, body) => ask('PUT', path, body)
  }
}

/**
 * The credentials of one device, kept in memory.
 * @param {Map<string, any>} [kept] its keys
 * @returns {AuthenticationState}
 */
export function newDevice(kept = new Map()) {
  return {
    creds: baileys.initAuthCreds(),
    keys: {
      get: async (type, ids) => {
        const found = ids.map(id => [id, kept.get(`${type} ${id}`)])
        return Object.fromEntries(found.filter(([, value]) => value))
      },
      set: async values => {
        for (const [type, entries] of Object.entries(values))
          for (const [id, value] of Object.entries(entries ?? {})) kept.set(`${type} ${id}`, value)
      }
    }
  }
}

/** @typedef {Awaited<ReturnType<typeof connect>>} Client */

/**
 * @param {TestContext} t
 * @param {string} url
 * @param {{ auth?: AuthenticationState } & Partial<UserFacingSocketConfig>} [config]
 */
export async function connect(t, url, { auth = newDevice(), ...config } = {}) {
  const socket = baileys.makeWASocket({
    waWebSocketUrl: url,
    auth,
    logger: SILENT,
    connectTimeoutMs: 2000,
    defaultQueryTimeoutMs: 3000,
    shouldSyncHistoryMessage: () => false,
    ...config
  })
  const events = new Updates(socket.ev)
  socket.ev.on('creds.update', update => Object.assign(auth.creds, update))
  t.after(() => socket.end(undefined))
  return {
    auth,
    socket,
    events,
    /** The text of the next code. */
    qr: async () => String((await events.next(update => !!update.qr)).qr),
    isNewLogin: () => events.next(update => update.isNewLogin === true),
    open: () => events.next(update => update.connection === 'open'),
    /** All events that were held back have arrived. */
    settled: () => events.next(update => update.receivedPendingNotifications === true),
    /** Why the connection ended. */
    closed: async () => reasonOf((await events.next(update => update.connection === 'close')).lastDisconnect)
  }
}

/** @typedef {{ phoneNumber?: string, pushName?: string | null }} Scan */

/**
 * Links a new device, which logs in after the restart.
 * @param {TestContext} t
 * @param {Awaited<ReturnType<typeof openSandbox>>} sandbox
 * @param {Scan & Omit<Partial<UserFacingSocketConfig>, keyof Scan>} [options]
 */
export async function link(t, sandbox, { phoneNumber, pushName, ...config } = {}) {
  const first = await connect(t, sandbox.url, config)
  const scanned = await sandbox.post('scan', { qrCode: await first.qr(), phoneNumber, pushName })
  await first.closed()
  const client = await connect(t, sandbox.url, { auth: first.auth, ...config })
  await client.open()
  return { ...client, scanned }
}

/**
 * Makes Baileys check signatures, which 7.0.0-rc14 does not.
 * @param {TestContext} t
 */
export function checkSignatures(t) {
  t.mock.method(baileys.Curve, 'verify', isSignedBy)
}

/**
 * Sends a ping.
 * @param {Pick<Client, 'socket'>} client
 * @returns {Promise<baileys.BinaryNode | undefined>} undefined if no answer came in time
 */
export function ping({ socket }) {
  const attrs = { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:p' }
  return socket.query({ tag: 'iq', attrs, content: [{ tag: 'ping', attrs: {} }] })
}

/**
 * Path of a file that is removed with the test.
 * @param {TestContext} t
 */
export async function temporaryFile(t) {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-'))
  t.after(() => rm(folder, { recursive: true }))
  return join(folder, 'sandbox.json')
}

/** Updates of a connection. Each one is returned once. */
class Updates {
  /** @type {Partial<ConnectionState>[]} */
  #pending = []
  #arrived = new EventEmitter()

  /** @param {baileys.BaileysEventEmitter} emitter */
  constructor(emitter) {
    emitter.on('connection.update', update => {
      this.#pending.push(update)
      this.#arrived.emit('update')
    })
  }

  /** @param {(update: Partial<ConnectionState>) => boolean} isWanted */
  has(isWanted) {
    return this.#pending.some(isWanted)
  }

  /** @param {(update: Partial<ConnectionState>) => boolean} isWanted */
  async next(isWanted) {
    const signal = AbortSignal.timeout(WAIT_TIMEOUT_MS)
    for (;;) {
      const index = this.#pending.findIndex(isWanted)
      if (index >= 0) return /** @type {Partial<ConnectionState>} */ (this.#pending.splice(index, 1)[0])
      await once(this.#arrived, 'update', { signal })
    }
  }
}

/** @param {ConnectionState['lastDisconnect']} lastDisconnect */
function reasonOf(lastDisconnect) {
  const error = /** @type {(Error & { output?: { statusCode: number } }) | undefined} */ (lastDisconnect?.error)
  return { code: error?.output?.statusCode, message: error?.message ?? '' }
}
