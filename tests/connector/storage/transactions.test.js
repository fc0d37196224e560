// @ts-check
/** Transactions that share a commit. */

import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { openTransactions } from '../../../connector/storage/transactions.js'

function open() {
  const connection = new DatabaseSync(':memory:')
  connection.exec('CREATE TABLE some (value TEXT)')
  /** @type {string[]} */
  const commits = []
  const { exec } = connection
  connection.exec = sql => {
    if (sql === 'COMMIT') commits.push(values().join(' '))
    return exec.call(connection, sql)
  }
  /** @type {unknown[]} */
  const failures = []
  /** @type {<T>(work: () => T) => T} */
  const guarded = work => {
    try {
      return work()
    } catch (error) {
      failures.push(error)
      throw error
    }
  }
  const insert = connection.prepare('INSERT INTO some (value) VALUES (?)')
  const select = connection.prepare('SELECT value FROM some ORDER BY rowid')
  const values = () => select.all().map(row => String(row.value))
  /** @param {string} value */
  const write = value => () => void insert.run(value)
  return { connection, commits, failures, values, write, ...openTransactions(connection, guarded) }
}

test('what is written soon is on the disk at the end of the turn, in one commit, and read before that', async () => {
  const { commits, values, write, soon, connection } = open()
  let calls = 0
  const count = () => {
    assert.ok(!connection.isTransaction)
    calls += 1
  }
  soon(write('a'), count)
  soon(write('b'), count)
  assert.deepEqual(values(), ['a', 'b'])
  assert.deepEqual([commits, calls], [[], 0])
  await turn()
  assert.deepEqual([commits, calls], [['a b'], 1])
})

test('what must not leave sooner is called after the commit of what was written before, and at once if nothing waits', async () => {
  const { commits, write, soon, afterCommit } = open()
  /** @type {string[][]} */
  const calls = []
  const leave = () => void calls.push([...commits])
  afterCommit(leave)
  assert.deepEqual(calls, [[]])
  soon(write('a'))
  afterCommit(leave)
  soon(write('b'))
  afterCommit(leave)
  assert.equal(calls.length, 1)
  await turn()
  assert.deepEqual(calls, [[], ['a b']])
})

test('a transaction takes what waits with it, and is on the disk when it returns', async () => {
  const { commits, write, soon, transaction, connection } = open()
  soon(write('a'))
  transaction(write('b'))
  assert.deepEqual(commits, ['a b'])
  assert.ok(!connection.isTransaction)
  await turn()
  assert.equal(commits.length, 1)
})

test('a write that fails undoes itself alone', () => {
  const { values, write, soon, transaction, commit, commits } = open()
  const fail = () => {
    write('half')()
    throw new Error('as the test wants it')
  }
  soon(write('a'))
  assert.throws(() => soon(fail), /as the test/)
  assert.throws(() => transaction(fail), /as the test/)
  soon(write('b'))
  commit()
  assert.deepEqual(values(), ['a', 'b'])
  assert.equal(commits.length, 1)
})

test('a transaction inside another one is a part of it', () => {
  const { values, write, soon, transaction, isWorking, commits } = open()
  const whole = () => {
    transaction(write('a'))
    soon(write('b'))
    assert.ok(isWorking())
    throw new Error('as the test wants it')
  }
  assert.throws(() => transaction(whole), /as the test/)
  assert.deepEqual(values(), [])
  assert.deepEqual(commits, [])
  assert.ok(!isWorking())
})

test('a commit that fails is reported, and nothing of it stays', () => {
  const { connection, values, write, soon, commit, failures } = open()
  const { exec } = connection
  connection.exec = sql => {
    if (sql === 'COMMIT') throw new Error('the disk is full')
    return exec.call(connection, sql)
  }
  soon(write('a'))
  assert.throws(commit, /full/)
  assert.equal(failures.length, 1)
  assert.deepEqual(values(), [])
})
