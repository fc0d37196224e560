// @ts-check
/** The Node process that acts for one WhatsApp session: `node connector/main.js <session id>`. */

import './process/silence_libraries.js'
import { setTimeout as delay } from 'node:timers/promises'
import { openCredentials } from './storage/credentials.js'
import { EXIT, reported } from './process/exit_codes.js'
import { Front } from './ipc/front_channel.js'
import { openInbox } from './messages/dedup.js'
import { asJson, asText, createLog, harmless } from './process/logger.js'
import { watchMemory } from './process/memory_limit.js'
import { failureOf, isFailedQuery } from './session/own_queries.js'
import { openRecord } from './storage/database.js'
import { openServerIdentity } from './session/server_identity.js'
import { Session } from './session/session.js'
import { createSkipped } from './messages/skipped.js'
import { BadSetting, isLoggedAsJson, readSettings } from './settings.js'
import { openSpool } from './storage/spool.js'
import { beStrict } from './network/certificate_check.js'

/** Milliseconds that a front gets to hear the last events. What it misses is in the spool, for the next start. */
const PARTING_MS = 2_000

let log = createLog({}, line => process.stderr.write(line), isLoggedAsJson(process.env) ? asJson : asText)

function main() {
  process.umask(0o077)
  const settings = readSettings(process.argv.slice(2), process.env)
  const record = openRecord(settings.folder, crash)
  log = log.with({ session: settings.id, epoch: record.epoch })
  log.info('started')
  beStrict(settings)

  const credentials = openCredentials(record)
  const server = openServerIdentity(record, settings)
  const spool = openSpool(record)
  const inbox = openInbox(record, () => front, { log })
  /** @type {Front} */
  const front = new Front({
    folder: settings.folder,
    epoch: record.epoch,
    outrun: heard => record.outrun(heard),
    spool,
    log,
    describe: () => session.describe(),
    headAge: () => session.headAge(),
    met: hello => session.meet(hello),
    obey: order => session.obey(order)
  })
  /** @type {Session} */
  const session = new Session({
    settings,
    record,
    credentials,
    server,
    spool,
    inbox,
    skipped: createSkipped(),
    front,
    log,
    exit: code => void leave(code, { front, record })
  })

  endWith(session)
  if (settings.memory) watchMemory(settings.memory, session, log)
  front.wake()
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
 * Closing the record empties its write-ahead log, where wiped credentials would live on.
 * @param {number} code
 * @param {{front: Front, record: import('./storage/database.js').Record}} parts
 */
async function leave(code, { front, record }) {
  if (code !== EXIT.restart) await Promise.race([front.heardOut(), delay(PARTING_MS)])
  record.close()
  log.info('ended', { exit: code })
  process.exit(code)
}

/** The cause decides the exit code; the supervisor reads it. @param {unknown} error @returns {never} */
function crash(error) {
  const about = error instanceof BadSetting ? { error: 'BadSetting', message: error.message } : harmless(error)
  process.exit(reported(error, log, about))
}

process.on('uncaughtException', crash)
process.on('unhandledRejection', error => {
  if (!isFailedQuery(error)) crash(error)
  log.warning('query_failed', failureOf(error))
})
main()
