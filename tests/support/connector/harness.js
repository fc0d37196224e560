// @ts-check
/** The real connector between a front made for tests and a sandbox. Each has its own process and folder. */

import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { freshBundle } from '../../../connector/bundler/manifest.js'
import { readLines, openWriter } from '../../../connector/ipc/pipes.js'

/** What runs for users: the bundle. Coverage is counted by file, and a bundle that is not of the present files tests nothing. */
const CONNECTOR =
  (!process.env.NODE_V8_COVERAGE && freshBundle()) || join(import.meta.dirname, '../../../connector/main.js')
const SANDBOX = join(import.meta.dirname, '../../../connector/sandbox/main.js')

/** Limit for something that must happen. */
const WAIT_TIMEOUT_MS = 20_000

/** Link options without anything special. */
export const LINK = { version: null, deviceName: 'Motte', proxy: null }

/** Names of the events that a front of this version understands. */
export const EVENT_NAMES = [
  ...new Set(
    readFileSync(join(import.meta.dirname, '../../protocol/events.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line).event)
  )
]

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {Awaited<ReturnType<typeof startSandbox>>} Sandbox */
/** @typedef {ReturnType<typeof makeSession>} TestSession */
/** @typedef {{epoch?: number, account?: string | null, link?: import('../../../connector/session/link_options.js').LinkOptions}} Known */

/**
 * A sandbox. The test fails if a client sends a query that it does not know.
 * @param {TestContext} t
 * @param {string[]} options
 */
export async function startSandbox(t, ...options) {
  const child = spawn(process.execPath, [SANDBOX, '--listen', '127.0.0.1:0', ...options], {
    stdio: ['ignore', 'pipe', 'ignore']
  })
  t.after(async () => {
    const { unknownQueries } = await control('GET', 'state').finally(() => ended(child, 'SIGKILL'))
    assert.deepEqual(unknownQueries, [])
  })
  const announcement = once(createInterface(child.stdout), 'line')
  const [line] = await within(announcement, 'the sandbox', () => `exit code ${child.exitCode}`)
  const { url, rootKey, controlUrl } = JSON.parse(line)
  /** @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} */
  const control = async (method, path, body) => {
    const signal = AbortSignal.timeout(WAIT_TIMEOUT_MS)
    const response = await fetch(`${controlUrl}/${path}`, { method, signal, body: body && JSON.stringify(body) })
    const answer = await response.json().catch(() => null)
    if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`)
    return answer
  }
  return {
    environment: { MOTTE_WHATSAPP_URL: url, MOTTE_WHATSAPP_ROOT_KEY: rootKey },
    /** @param {string} qrCode */
    scan: (qrCode, phoneNumber = '15551234567', pushName = 'Ann') =>
      control('POST', 'scan', { qrCode, phoneNumber, pushName }),
    /** The server has devices replace the secret of their codes. @param {{child?: string, qrCode?: string}} [wanted] */
    refreshRegistration: (wanted = {}) => control('POST', 'refresh-registration', wanted),
    /** The server withdraws a pairing code. @param {string} phoneNumber */
    refreshCode: phoneNumber => control('POST', 'refresh-code', { phoneNumber }),
    /** @param {object} schedule */
    settings: schedule => control('PUT', 'settings', schedule),
    /** @param {string} phoneNumber @param {string} code */
    typeCode: (phoneNumber, code) => control('POST', 'type-code', { phoneNumber, code }),
    /** @param {string} phoneNumber */
    unlink: phoneNumber => control('POST', 'unlink', { phoneNumber }),
    /** A contact writes; the text is on its way when this returns. @param {object} message */
    send: message => control('POST', 'send', { from: '4915112345678', to: '15551234567', pushName: 'Bo', ...message }),
    /** @param {string[]} members phone numbers @returns {Promise<string>} its id */
    makeGroup: async members => (await control('POST', 'groups', { members })).id,
    /** The first member changes a group. @param {string} group @param {{add?: string[], remove?: string[], isQuiet?: boolean}} change */
    changeGroup: (group, change) => control('POST', 'members', { group, ...change }),
    /** A phone loses its keys: it cannot read what is sealed with the old ones, and asks for it again. @param {string} phoneNumber */
    forgetKeys: phoneNumber => control('POST', 'forget-keys', { phoneNumber }),
    /** The owner of a phone reads a message. @param {string} phoneNumber @param {string} id */
    read: (phoneNumber, id) => control('POST', 'read', { phoneNumber, id }),
    /** What a phone got, and what became of what it sent. @param {string} phoneNumber */
    phone: phoneNumber => control('GET', `phone?phoneNumber=${phoneNumber}`),
    /** @param {string} about */
    notify: (about, phoneNumber = '15551234567') => control('POST', 'notify', { phoneNumber, about }),
    drop: () => control('POST', 'drop', {}),
    freeze: () => control('POST', 'freeze', {}),
    /** @param {string} error */
    breakOff: error => control('POST', 'stream-error', { error }),
    /** @param {object} switches */
    faults: switches => control('PUT', 'faults', switches),
    state: () => control('GET', 'state')
  }
}

/** A state folder with one session's pipes, as the front would make them. @param {TestContext} t */
export function makeSession(t, id = 'shop') {
  const state = mkdtempSync(join(tmpdir(), 'motte-connector-'))
  t.after(() => rmSync(state, { recursive: true, force: true }))
  const folder = join(state, 'sessions', id)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  execFileSync('mkfifo', ['-m', '600', join(folder, 'commands.fifo'), join(folder, 'events.fifo')])
  return { id, state, folder }
}

/**
 * @param {TestContext} t
 * @param {TestSession} session
 * @param {Record<string, string>} environment
 */
export function startConnector(t, session, environment = {}) {
  return watch(t, run([session.id], session.state, environment))
}

/**
 * A warm spare in this folder, which becomes a session's when it is given away.
 * @param {TestContext} t
 * @param {TestSession} session
 * @param {Record<string, string>} environment
 */
export function startSpare(t, session, environment = {}) {
  const spare = watch(t, run(['--spare'], session.state, environment, session.folder))
  return {
    ...spare,
    /** Gives it to a session, once it is warm. @param {string} id */
    async give(id) {
      const mark = join(session.folder, 'warm')
      const isWarm = async () => {
        while (!existsSync(mark)) await delay(10)
      }
      await within(isWarm(), 'a warm spare', () => spare.output.stderr)
      rmSync(mark)
      const folder = join(session.state, 'sessions', id)
      renameSync(session.folder, folder)
      spare.child.stdin.write(`${id}\n`)
      return { id, state: session.state, folder }
    }
  }
}

/**
 * @param {string[]} args
 * @param {string} state
 * @param {Record<string, string>} environment
 * @param {string} [cwd]
 */
function run(args, state, environment, cwd) {
  const env = { PATH: process.env.PATH, MOTTE_STATE: state, ...environment }
  return spawn(process.execPath, [CONNECTOR, ...args], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] })
}

/** @param {TestContext} t @param {import('node:child_process').ChildProcessWithoutNullStreams} child */
function watch(t, child) {
  t.after(() => ended(child, 'SIGKILL'))
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', text => (output.stdout += text))
  child.stderr.on('data', text => (output.stderr += text))
  const exit = once(child, 'exit').then(([code, signal]) => ({ code, signal }))
  /** Waits for a word on stderr. @param {string} word */
  const printed = word => within(until(word), word, () => output.stderr)
  /** @param {string} word */
  const until = async word => {
    while (!output.stderr.includes(word)) await once(child.stderr, 'data')
  }
  return { child, output, printed, exit: () => within(exit, 'the exit', () => output.stderr) }
}

/** Ends a process and waits for its end. @param {import('node:child_process').ChildProcess} child @param {NodeJS.Signals} signal */
async function ended(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill(signal)
  await once(child, 'exit')
}

/**
 * The front's side of a session's pipes.
 * @param {TestContext} t
 * @param {TestSession} session
 * @param {{name?: string, onHeard?: (event: any) => void}} [options]
 */
export function openFront(t, session, { name = 'front-1', onHeard = () => {} } = {}) {
  /** @type {any[]} */
  const heard = []
  /** @type {(() => void)[]} */
  const waiting = []
  let taken = 0
  const reader = readLines(join(session.folder, 'events.fifo'), line => {
    heard.push(JSON.parse(line))
    onHeard(heard.at(-1))
    waiting.splice(0).forEach(wake => wake())
  })
  /** @type {import('../../../connector/ipc/pipes.js').Writer | null} */
  let writer = null
  t.after(() => close())
  function close() {
    reader.destroy()
    writer?.close()
  }
  /** @param {string} text */
  const write = text => {
    writer ??= openWriter(join(session.folder, 'commands.fifo'), { onDrain() {}, onLost: () => (writer = null) })
    if (!writer) throw new Error('no connector reads the commands')
    writer.write(text)
  }
  /** @param {string} event @returns {Promise<any>} */
  const find = async event => {
    while (true) {
      while (taken < heard.length) if (heard[taken++].event === event) return heard[taken - 1]
      await new Promise(wake => waiting.push(() => wake(undefined)))
    }
  }
  const front = {
    heard,
    close,
    write,
    /** The next event of this name; those before it are passed over. @param {string} event */
    next: event => within(find(event), event, () => JSON.stringify(heard.map(({ event }) => event))),
    /** @param {object} command */
    say: command => write(JSON.stringify(command)),
    /** @param {number} [have] @param {Known} [known] */
    hello: (have = 0, { epoch = 0, account = null, link = LINK } = {}) =>
      front.say({ command: 'hello', front: name, have, epoch, account, link, understands: EVENT_NAMES }),
    /** The code that is shown by the connector that came up last, as soon as there is one. @returns {Promise<any>} */
    async qr() {
      const sinceUp = heard.slice(heard.findLastIndex(({ event }) => event === 'up'))
      const shown = sinceUp.findLast(({ event, qr }) => event === 'qr_issued' || qr)
      return shown ? (shown.qr ?? shown) : front.next('qr_issued')
    },
    /** Says hello as soon as the connector is up. @param {number} [have] @param {Known} [known] */
    async meet(have = 0, known = {}) {
      await front.next('up')
      front.hello(have, known)
      return front.next('snapshot')
    }
  }
  return front
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {string} what
 * @param {() => string} context
 * @returns {Promise<T>}
 */
function within(promise, what, context) {
  const { promise: late, reject } = Promise.withResolvers()
  const timer = setTimeout(() => reject(new Error(`waited in vain for ${what}: ${context()}`)), WAIT_TIMEOUT_MS)
  return Promise.race([promise, /** @type {Promise<never>} */ (late)]).finally(() => clearTimeout(timer))
}

/**
 * A new session: its connector runs, and a front has said hello.
 * @param {TestContext} t
 * @param {Pick<Sandbox, 'environment'>} sandbox
 * @param {Record<string, string>} [environment] further settings of the connector
 * @param {Known} [known]
 */
export async function openUnpairedSession(t, sandbox, environment = {}, known = {}) {
  const session = makeSession(t)
  const front = openFront(t, session)
  const settings = { ...sandbox.environment, ...environment }
  const connector = startConnector(t, session, settings)
  await front.meet(0, known)
  return { session, front, connector, settings }
}

/**
 * A session that is paired and open.
 * @param {TestContext} t
 * @param {Sandbox} sandbox
 */
export async function openPairedSession(t, sandbox, environment = {}) {
  const { session, front, connector: first, settings } = await openUnpairedSession(t, sandbox, environment)
  await sandbox.scan((await front.qr()).payload)
  await first.exit()
  const connector = startConnector(t, session, settings)
  await front.meet(1)
  await front.next('opened')
  return { session, front, first, connector, settings }
}
