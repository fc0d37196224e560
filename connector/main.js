// @ts-check
/**
 * The Node process that acts for one WhatsApp session: `node connector/main.js <session id>`.
 *
 * With `--spare` in place of the id it gets its session later (process/spare.js).
 * With `--load` in place of the id it loads everything and ends. Node then leaves the compiled code in NODE_COMPILE_CACHE
 * (process/warm_compile_cache.js does the same for plain modules).
 * With `--rehearse FOLDER` it rehearses a start in a folder with pipes, and ends. Then compiled_code/preload.js keeps the code.
 */

import './process/silence_libraries.js'
import './network/binary_tokens.js'
import './network/inbound_limits.js'
import { setTimeout as delay } from 'node:timers/promises'
import { assemble } from './assembly.js'
import { EXIT, logFatalError } from './process/exit_codes.js'
import { asJson, asText, createLog, harmless } from './process/logger.js'
import { watchMemory } from './process/memory_limit.js'
import { rehearse } from './process/rehearsal.js'
import { OWN_FOLDER, prepareSpare, SPARE } from './process/spare.js'
import { failureOf, isFailedQuery } from './session/own_queries.js'
import { BadSetting, isLoggedAsJson, readSettings, readSharedSettings, sessionId } from './settings.js'
import { checkCertificates } from './network/certificate_check.js'

// Node makes an error, and drops it, for each cipher and HMAC whose key is bytes, and Baileys makes one for each time-out. Where they
// were made takes most of the time of a HMAC, and is never logged.
Error.stackTraceLimit = 0

/** Limit for the last events to reach the front. The spool has those that do not, for the next start. */
const FLUSH_TIMEOUT_MS = 2_000

/** The argument of a process that only loads. */
const LOAD = '--load'

/** The argument of a process that only rehearses: compiled_code/preload.js. */
const REHEARSE = '--rehearse'

let log = createLog({}, line => process.stderr.write(line), isLoggedAsJson(process.env) ? asJson : asText)

/** @param {string[]} args after the program's name */
function main(args) {
  process.umask(0o077)
  if (args[0] === LOAD) return
  if (args[0] === REHEARSE) return void rehearseOnly(args[1] ?? '')
  endWithSupervisor()
  if (args[0] === SPARE) return void waitForSession()
  const settings = readSettings(args, process.env)
  checkCertificates(settings)
  act(settings)
}

/** @param {string} folder with pipes, without a database */
async function rehearseOnly(folder) {
  const shared = readSharedSettings(process.env)
  checkCertificates(shared)
  await rehearse(folder, shared)
  process.exit(EXIT.done)
}

/** The first part of a warm spare's life. */
async function waitForSession() {
  const shared = readSharedSettings(process.env)
  checkCertificates(shared)
  const spare = await prepareSpare(shared)
  const id = sessionId([await spare.session(process.stdin)])
  act({ id, folder: OWN_FOLDER, ...shared }, spare.creds)
}

/**
 * Acts for a session until the process ends.
 * @param {import('./settings.js').Settings} settings
 * @param {import('./storage/credentials.js').Creds} [creds] of a new device, if the session needs one
 */
function act(settings, creds) {
  const connector = assemble(settings, {
    log({ epoch }) {
      log = log.with({ session: settings.id, epoch })
      log.info('started')
      return log
    },
    creds,
    exit: code => void leave(code, connector),
    onStorageFailure: crash
  })
  const { session, front } = connector
  process.on('SIGTERM', () => session.stop())
  if (settings.memory) watchMemory(settings.memory, session, log)
  front.announce()
  session.start()
}

/** Ends with supervisord, which holds the other end of stdin. */
function endWithSupervisor() {
  process.stdin.on('end', () => process.exit(EXIT.done))
  process.stdin.on('error', () => process.exit(EXIT.done))
  process.stdin.resume()
}

/**
 * Ends the process. Closing the database empties its write-ahead log, which could still hold wiped credentials.
 * @param {number} code
 * @param {import('./assembly.js').Connector} parts
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
main(process.argv.slice(2))
