// @ts-check
/**
 * Loaded into a connector before its own code: kills it at a step (DIES_AT) of a message that it writes (DIES_WITH, its id), right
 * `before` or right `after` it. Steps are `row` (the message is written), `commit row`, `commit keys` (of a Signal session or a group),
 * `message` (the frame that brings the message to WhatsApp) and `commit ack`. Row and keys may share a commit. Each step is printed.
 */

import { Socket } from 'node:net'
import { DatabaseSync, StatementSync } from 'node:sqlite'

const [, when = '', wanted = ''] = /^(before|after) (.+)$/.exec(process.env.DIES_AT ?? '') ?? []
const { exec } = DatabaseSync.prototype
const run = /** @type {(...values: any[]) => any} */ (StatementSync.prototype.run)
let hasBegun = false
let hasSealed = false
/** What the transaction writes. @type {Set<string>} */
const written = new Set()

/** @param {string[]} names of what the work does @param {() => any} work */
function step(names, work) {
  if (!hasBegun) return work()
  process.stderr.write(`step ${names}\n`)
  const isLast = names.includes(wanted)
  if (isLast && when === 'before') process.kill(process.pid, 'SIGKILL')
  const result = work()
  if (isLast) process.kill(process.pid, 'SIGKILL')
  return result
}

/** @this {StatementSync} @param {any[]} values */
StatementSync.prototype.run = function (...values) {
  const table = /(?:INTO|FROM|UPDATE) (\w+)/.exec(this.sourceSQL)?.[1] ?? ''
  written.add(table === 'credentials' ? values[0]?.kind : table)
  const isRow = this.sourceSQL.startsWith('INSERT INTO sent')
  hasBegun ||= isRow && values[0].id === process.env.DIES_WITH
  return isRow ? step(['row'], () => run.apply(this, values)) : run.apply(this, values)
}

/** @this {DatabaseSync} @param {string} sql */
DatabaseSync.prototype.exec = function (sql) {
  if (sql === 'BEGIN IMMEDIATE') written.clear()
  if (sql !== 'COMMIT') return exec.call(this, sql)
  if (hasBegun && isOfKeys()) hasSealed = true
  step(commits(), () => exec.call(this, sql))
}

for (const name of /** @type {const} */ (['write', 'uncork'])) {
  const original = /** @type {(...args: any[]) => any} */ (Socket.prototype[name])
  Object.assign(Socket.prototype, {
    /** @this {Socket} @param {any[]} args */
    [name](...args) {
      const isFrame = this.remotePort !== undefined && this.writableCorked <= (name === 'write' ? 0 : 1)
      return isFrame ? step([frameName()], () => original.apply(this, args)) : original.apply(this, args)
    }
  })
}

const isOfKeys = () => written.has('session') || written.has('sender-key')

function commits() {
  const ofMessage = written.has('spool') ? 'commit ack' : 'commit row'
  return [...(isOfKeys() ? ['commit keys'] : []), ...(written.has('sent') ? [ofMessage] : [])]
}

/** Whatever is asked for a message is asked before something is sealed for it: then its own frame follows. */
function frameName() {
  const isMessage = hasSealed
  hasSealed = false
  return isMessage ? 'message' : 'frame'
}
