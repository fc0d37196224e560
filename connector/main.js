// @ts-check
/**
 * The Node process that acts for one WhatsApp session: `node connector/main.js <session id>`.
 *
 * With `--load` in place of the id it loads everything and ends. Node then leaves the compiled code in NODE_COMPILE_CACHE
 * (process/warm_compile_cache.js does the same for plain modules).
 */

import './process/silence_libraries.js'
import './network/binary_tokens.js'
import './network/inbound_limits.js'
import { setTimeout as delay } from 'node:timers/promises'
import { openCredentials } from './storage/credentials.js'
import { EXIT, logFatalError } from './process/exit_codes.js'
import { FrontChannel } from './ipc/front_channel.js'
import { openDedup } from './messages/dedup.js'
import { asJson, asText, createLog, harmless } from './process/logger.js'
import { openOutbound } from './outbound/outbound.js'
import { watchMemory } from './process/memory_limit.js'
import { failureOf, isFailedQuery } from './session/own_queries.js'
import { openConnectorDatabase } from './storage/database.js'
import { openServerIdentity } from './session/server_identity.js'
import { Session } from './session/session.js'
import { createSkipCounter } from './messages/skipped.js'
import { BadSetting, isLoggedAsJson, readSettings } from './settings.js'
import { openRetention } from './storage/retention.js'
import { openSpool } from './storage/spool.js'
import { checkCertificates } from './network/certificate_check.js'

/** Limit for the last events to reach the front. The spool has those that do not, for the next start. */
const FLUSH_TIMEOUT_MS = 2_000

let log = createLog({}, line => process.stderr.write(line), isLoggedAsJson(process.env) ? asJson : asText)

function main() {
  process.umask(0o077)
  const settings = readSettings(process.argv.slice(2), process.env)
  const database = openConnectorDatabase(settings.folder, crash)
  log = log.with({ session: settings.id, epoch: database.epoch })
  log.info('started')
  checkCertificates(settings)

  const spool = openSpool(database)
  const credentials = openCredentials(database)
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
    exit: code => void leave(code, { front, database })
  })

  endWith(session)
  if (settings.memory) watchMemory(settings.memory, session, log)
  front.announce()
  session.start()
}

/** Ends on SIGTERM, and with supervisord, which holds the other end of stdin. @param {Session} session */
function endWith(session) {
  process.on('SIGTERM', () => session.stop())
  process.stdin.on('end', () => process.exit(EXIT.done))
  process.stdin.on('error', () => process.exit(EXIT.done))
  process.stdin.resume()
}

/**
 * Ends the process. Closing the database empties its write-ahead log, which could still hold wiped credentials.
 * @param {number} code
 * @param {{front: FrontChannel, database: import('./storage/database.js').ConnectorDatabase}} parts
 */
async function leave(code, { front, database }) {
  if (code !== EXIT.restart) await Promise.race([front.flushed(), delay(FLUSH_TIMEOUT_MS)])
  database.close()
  log.info('ended', { exit: code })
  process.exit(code)
}

/** Ends the process with the exit code of the error, which the supervisor reads. @param {unknown} error @returns {never} */
function crash(error) {
  const fields = error instanceof BadSetting ? { error: 'BadSetting', message: error.message } : harmless(error)
  process.exit(logFatalError(error, log, fields))
}

process.on('uncaughtException', crash)
process.on('unhandledRejection', error => {
  if (!isFailedQuery(error)) crash(error)
  log.warning('query_failed', failureOf(error))
})
if (process.argv[2] !== '--load') main()
