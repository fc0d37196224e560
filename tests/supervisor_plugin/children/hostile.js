// A connector that somebody has taken over. It says on its pipe what it could do: `done`, or the code of the error.

import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  closeSync,
  constants,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync
} from 'node:fs'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const state = process.env.MOTTE_STATE
const isSpare = process.argv[2] === '--spare'
if (isSpare) {
  writeFileSync('/proc/self/cwd/warm', '')
  await once(process.stdin, 'data')
}
const folder = isSpare ? '/proc/self/cwd' : join(state, 'sessions', process.argv[2])
const front = Number(readFileSync(join(state, 'cache', 'front.pid'), 'utf8')) // it may read there

/** @param {string} path @param {number} flags */
const open = (path, flags) => closeSync(openSync(path, flags | constants.O_NONBLOCK))

/** @type {Record<string, () => unknown>} */
const attempts = {
  'insert a key': () => new DatabaseSync(join(state, 'motte.db')).exec('INSERT INTO keys VALUES (1)'),
  'read the first key': () => readFileSync(join(state, 'admin.key')),
  'read another session': () => readFileSync(join(state, 'sessions', 'other', 'connector.db')),
  "write into another session's pipe": () => open(join(state, 'sessions', 'other', 'events.fifo'), constants.O_WRONLY),
  'list the sessions': () => readdirSync(join(state, 'sessions')),
  'go to another session': () => process.chdir(join(state, 'sessions', 'other')),
  'read the next spare': () => readdirSync(join(state, 'spares')),
  'read a log': () => readFileSync(join(state, 'logs', 'supervisord.log')),
  'open the state folder to others': () => chmodSync(state, 0o700),
  'write the compile cache': () => writeFileSync(join(state, 'cache', 'poison'), ''),
  'change the program': () => appendFileSync(import.meta.filename, ''),
  "read the front's environment": () => readFileSync(`/proc/${front}/environ`),
  "read the front's memory": () => open(`/proc/${front}/mem`, constants.O_RDONLY),
  'signal the front': () => process.kill(front, 0),
  'call supervisord': () => once(connect(join(state, 'supervisor.sock')), 'connect'),
  'listen on a port': () => once(createServer().listen(0, '127.0.0.1'), 'listening'),
  'run a shell': () => {
    const { error, status } = spawnSync('/bin/sh', ['-c', 'true'])
    if (error) throw error
    if (status) throw Object.assign(new Error(), { code: status })
  },
  'load native code': () => process.dlopen({ exports: {} }, join(folder, 'none.node')),
  'write its own folder': () => writeFileSync(join(folder, 'connector.db'), '')
}

const found = {}
for (const [name, attempt] of Object.entries(attempts)) {
  try {
    await attempt()
    found[name] = 'done'
  } catch (error) {
    found[name] = error.code ?? String(error)
  }
}
const seen = Object.keys(process.env)
const line = JSON.stringify({ event: 'tried', found, seen, answer: null })
writeSync(openSync(join(folder, 'events.fifo'), constants.O_RDWR), `${line}\n`)
process.stdin.resume()
