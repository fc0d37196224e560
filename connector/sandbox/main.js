// @ts-check
/** Runs the sandbox as a process of its own. */

import './server/silence_libraries.js'
import { replaceFile } from '../process/files.js'
import { parseArgs } from 'node:util'
import { log, logTo } from './server/logger.js'
import { startSandbox } from './server/sandbox.js'

const USAGE = 'node main.js --listen HOST:PORT [--state FILE] [--announce FILE] [--root-seed TEXT] [--exit-with-stdin]'

/** As sysexits.h has it: the command line is wrong. */
const EX_USAGE = 64

// Node makes two errors, and drops them, for each cipher and HMAC whose key is bytes: to note where takes longer than the HMAC.
// `node --stack-trace-limit=20` keeps the places of bugs.
const NODES_LIMIT = 10
if (Error.stackTraceLimit === NODES_LIMIT) Error.stackTraceLimit = 0
process.umask(0o077)
logTo(process.stderr)
const options = readOptions()
const sandbox = await startSandbox(options).catch(fail)
announce(JSON.stringify(sandbox.announcement), options.announce)
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => stop(signal))
if (options.exitWithStdin)
  process.stdin
    .on('end', () => stop('stdin'))
    .on('error', () => stop('stdin'))
    .resume()

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        listen: { type: 'string', default: '127.0.0.1:8091' },
        state: { type: 'string' },
        announce: { type: 'string' },
        'root-seed': { type: 'string' },
        'exit-with-stdin': { type: 'boolean', default: false }
      }
    })
    const { listen, state = null, announce = null, 'root-seed': rootSeed, 'exit-with-stdin': exitWithStdin } = values
    return { ...readAddress(listen), stateFile: state, announce, rootSeed, exitWithStdin, qrLifetime: readQrLifetime() }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\nusage: ${USAGE}\n`)
    process.exit(EX_USAGE)
  }
}

/** Seconds for which connectors show each code, if `motte serve` got that setting: a code must be valid just as long. */
function readQrLifetime() {
  const { MOTTE_QR_LIFETIME: text } = process.env
  return text ? Number(text) : undefined
}

/** @param {string} listen */
function readAddress(listen) {
  const [, host, port] = /^\[?([^\]]*?)\]?:(\d{1,5})$/.exec(listen) ?? []
  if (!host || Number(port) > 65535) throw new Error(`--listen: ${listen} is not HOST:PORT`)
  return { host, port: Number(port) }
}

/**
 * @param {string} line
 * @param {string | null} file
 */
function announce(line, file) {
  if (file) replaceFile(file, `${line}\n`)
  process.stdout.write(`${line}\n`)
}

/**
 * @param {Error} error the port is taken, or the state cannot be read
 * @returns {never}
 */
function fail(error) {
  log('not_started', { reason: error.message })
  process.exit(1)
}

/** @param {string} reason */
async function stop(reason) {
  log('stopping', { reason })
  await sandbox.close()
  process.exit(0)
}
