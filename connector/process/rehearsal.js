// @ts-check
/**
 * Rehearsal of a start up to its first code, against a counterpart in this process.
 *
 * What runs for the first time is slow. So a spare acts for a session that does not exist: it opens a database and a pipe in its own
 * folder, and a socket that leads to counterpart.js and no further. The certificate of the counterpart is refused, as it must be;
 * what would follow is called by itself. Then the database is removed. Its keys are used nowhere else.
 */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { setTimeout as delay } from 'node:timers/promises'
import {
  decodeBinaryNode,
  DEFAULT_CONNECTION_CONFIG,
  encodeBinaryNode,
  generateRegistrationNode,
  initAuthCreds,
  proto
} from 'baileys'
import { assemble } from '../assembly.js'
import { DATABASE_FILES } from '../storage/database.js'
import { COUNTERPART_URL, tunnelToCounterpart } from './counterpart.js'
import { createLog } from './logger.js'

/** It takes some tens of milliseconds. */
const TIMEOUT_MS = 2_000

const SILENCE = createLog({}, () => {})

/**
 * @param {string} folder of this process alone, without a database
 * @param {import('../settings.js').SharedSettings} shared
 * @param {object} [parts]
 * @param {import('../network/proxy_agent.js').Tunnel} [parts.tunnel]
 * @param {number} [parts.timeoutMs]
 */
export async function rehearse(folder, shared, { tunnel = tunnelToCounterpart(), timeoutMs = TIMEOUT_MS } = {}) {
  const { promise: ended, resolve } = Promise.withResolvers()
  const { session, front, database } = assemble(
    { ...shared, id: 'rehearsal', folder, url: COUNTERPART_URL },
    { log: () => SILENCE, exit: resolve, tunnel }
  )
  session.start()
  session.receiveHello({
    front: 'rehearsal',
    have: 0,
    account: null,
    link: { version: null, deviceName: 'Motte', proxy: null },
    mayRegister: true
  })
  const hasEnded = await Promise.race([ended.then(() => true), delay(timeoutMs, false, { ref: false })])
  // Its socket would end later, and write to a database that is closed, in a process that acts for a real session by then.
  if (!hasEnded) session.stop()
  front.close()
  database.close()
  for (const name of DATABASE_FILES) rmSync(join(folder, name), { force: true })
  await register()
  if (!shared.url?.startsWith('ws:')) createSecureContext() // reads the certificates that Node trusts
}

/** What follows a certificate that is right: the registration, and the stanza with the codes. */
async function register() {
  const config = /** @type {any} */ (DEFAULT_CONNECTION_CONFIG)
  proto.ClientPayload.encode(generateRegistrationNode(initAuthCreds(), config)).finish()
  const refs = { tag: 'pair-device', attrs: {}, content: [{ tag: 'ref', attrs: {}, content: Buffer.from('ref') }] }
  await decodeBinaryNode(encodeBinaryNode({ tag: 'iq', attrs: { type: 'set', id: '1' }, content: [refs] }))
}
