// @ts-check
/** A linked account in the process of the test: the parts of a connector that receive messages. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from './sandbox_client.js'
import * as baileys from '../../../connector/node_modules/baileys/lib/index.js'
import { openCredentials } from '../../../connector/storage/credentials.js'
import { openDedup } from '../../../connector/messages/dedup.js'
import { openInbound } from '../../../connector/messages/inbound.js'
import { monitorFrames } from '../../../connector/network/frame_monitor.js'
import { openConnectorDatabase } from '../../../connector/storage/database.js'
import { openSpool } from '../../../connector/storage/spool.js'

/** The account's number. */
export const OURS = '15551234567'

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {Awaited<ReturnType<typeof import('./sandbox_client.js').openSandbox>>} Sandbox */

/**
 * A linked account with a database on the disk.
 * @param {TestContext} t
 * @param {Sandbox} sandbox
 * @param {{timeoutMs?: number, maxBytes?: number}} [options] timeoutMs: limit for a readable copy. maxBytes: of the spool
 */
export async function openAccount(t, sandbox, { timeoutMs, maxBytes } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'motte-mail-'))
  const database = openConnectorDatabase(folder)
  t.after(() => {
    database.close()
    rmSync(folder, { recursive: true })
  })
  const credentials = openCredentials(database)
  const spool = openSpool(database, { ...(maxBytes && { maxBytes }) })
  /** @type {any[]} */
  const given = []
  let delivered = () => {}
  const dedup = openDedup(database, () => ({ spool: event => spool.append(event), deliver: () => delivered() }), {
    timeoutMs,
    bound: spool
  })
  t.after(() => dedup.close())
  const spooled = () => spool.after(0, 1000).map(({ event }) => event)
  const reported = () => spooled().filter(({ event }) => event === 'message_received')
  /** @param {Partial<baileys.UserFacingSocketConfig>} [config] */
  const open = async config => {
    /** @param {unknown} error @returns {Promise<never>} */
    const failWrite = error => {
      given.push(error)
      return new Promise(() => {})
    }
    const inbound = openInbound(credentials, dedup, { failWrite })
    const client = await connect(t, sandbox.url, { ...inbound.config, ...config })
    const { onceSaved } = credentials
    const frames = monitorFrames(client.socket.ws, { limit: 600, onSilence() {}, onceSaved })
    t.after(frames.stop)
    inbound.listen(client.socket)
    return client
  }
  const first = await open()
  await sandbox.post('scan', { qrCode: await first.qr(), phoneNumber: OURS })
  await first.closed()
  return {
    database,
    spool,
    given,
    open,
    reported,
    /** Calls that were reported. */
    calls: () => spooled().filter(({ event }) => event === 'call_came'),
    /** Numbers and LIDs that were reported to belong together. */
    links: () => spooled().filter(({ event }) => event === 'contact_linked'),
    /** The texts of the reported messages, after this one is the last of them. @param {string | null} [last] */
    async texts(last) {
      const deadline = AbortSignal.timeout(10_000)
      while (last !== undefined && reported().at(-1)?.text !== last) {
        deadline.throwIfAborted()
        await new Promise(resolve => setTimeout(resolve, 5))
      }
      return reported().map(({ text }) => text)
    },
    /** @param {() => void} then called as soon as the next message is on the disk */
    onceStored(then) {
      const before = reported().length
      delivered = () => {
        if (reported().length === before) return
        delivered = () => {}
        then()
      }
    }
  }
}

/** Cuts the connection as a network does. @param {Pick<baileys.WASocket, 'ws'>} socket */
export function cut({ ws }) {
  const { socket } = /** @type {any} */ (ws)
  socket.terminate()
}
