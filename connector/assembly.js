// @ts-check
/** Puts the parts of a connector together: the only place that knows them all. */

import { openCredentials } from './storage/credentials.js'
import { FrontChannel } from './ipc/front_channel.js'
import { openDedup } from './messages/dedup.js'
import { openOutbound } from './outbound/outbound.js'
import { openConnectorDatabase } from './storage/database.js'
import { openServerIdentity } from './session/server_identity.js'
import { Session } from './session/session.js'
import { createMemoryRelease } from './process/memory_release.js'
import { createSkipCounter } from './messages/skipped.js'
import { openRetention } from './storage/retention.js'
import { openSpool } from './storage/spool.js'

/** @typedef {ReturnType<typeof assemble>} Connector */

/**
 * Opens the database of a session and its command pipe. Throws what `openConnectorDatabase` throws.
 * @param {import('./settings.js').Settings} settings
 * @param {object} options
 * @param {(connector: {epoch: number}) => import('./process/logger.js').Log} options.log
 * @param {import('./storage/credentials.js').Creds} [options.creds] of a new device, if the session needs one
 * @param {import('./network/proxy_agent.js').Tunnel} [options.tunnel] through which the socket is opened, in place of any proxy
 * @param {(code: number) => void} options.exit
 * @param {(error: unknown) => void} [options.onStorageFailure]
 */
export function assemble(settings, { log: logOf, creds, tunnel, exit, onStorageFailure }) {
  const database = openConnectorDatabase(settings.folder, onStorageFailure)
  const log = logOf(database)
  const spool = openSpool(database)
  const credentials = openCredentials(database, creds)
  const outbound = openOutbound(database, credentials, () => front, { log, isFull: spool.isFull })
  const dedup = openDedup(database, () => front, { log, bound: spool })
  /** @type {FrontChannel} */
  const front = new FrontChannel({
    folder: settings.folder,
    epoch: database.epoch,
    skipEpochsTo: seen => database.skipEpochsTo(seen),
    spool,
    log,
    snapshot: () => session.snapshot(),
    headAge: () => session.headAge(),
    onRestored: () => outbound.forgetSessions(),
    onHello: hello => session.receiveHello(hello),
    onCommand: command => session.execute(command),
    onUnknownSend: message => session.refuse(message)
  })
  /** @type {Session} */
  const session = new Session({
    settings,
    database,
    credentials,
    server: openServerIdentity(database, settings),
    spool,
    dedup,
    retention: openRetention(database, [outbound, dedup.secrets]),
    skipped: createSkipCounter(),
    outbound,
    front,
    log,
    release: createMemoryRelease(),
    exit,
    tunnel
  })
  return { session, front, database }
}
