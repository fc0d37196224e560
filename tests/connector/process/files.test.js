// @ts-check
/** Files of another kind than expected neither hold a connector up nor lead it to another file. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openWriter } from '../../../connector/ipc/pipes.js'
import { isCorruption, isStorageFailure } from '../../../connector/process/exit_codes.js'
import { openFifo, readRegular, replaceFile, WrongKind } from '../../../connector/process/files.js'
import { openConnectorDatabase } from '../../../connector/storage/database.js'

/** @param {import('node:test').TestContext} t */
function makeFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), 'motte-files-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Whether supervisord starts the connector again until the file is gone. @param {unknown} error */
const isRetried = error => isStorageFailure(error) && !isCorruption(error)

/** @param {string} path */
const makeFifo = path => void execFileSync('mkfifo', [path])

for (const name of ['connector.db', 'connector.db-wal', 'lock', 'lock-journal']) {
  test(`a FIFO as ${name} is refused at once`, t => {
    const folder = makeFolder(t)
    makeFifo(join(folder, name))
    assert.throws(() => openConnectorDatabase(folder), isRetried)
  })

  test(`a link as ${name} is refused, and what it leads to stays as it is`, t => {
    const folder = makeFolder(t)
    const other = join(folder, 'other')
    writeFileSync(other, 'x'.repeat(100))
    symlinkSync(other, join(folder, name))
    assert.throws(() => openConnectorDatabase(folder), isRetried)
    assert.equal(readFileSync(other, 'utf8'), 'x'.repeat(100))
  })
}

test('a link in the place of a pipe is not followed', t => {
  const folder = makeFolder(t)
  const [file, link] = [join(folder, 'file'), join(folder, 'events.fifo')]
  writeFileSync(file, 'kept')
  symlinkSync(file, link)
  assert.throws(() => openWriter(link, { onDrain() {}, onLost() {} }))
  assert.throws(() => openFifo(file, constants.O_WRONLY), WrongKind)
  assert.equal(readFileSync(file, 'utf8'), 'kept')
})

test('a FIFO is not read as a file', t => {
  const path = join(makeFolder(t), 'sandbox.state')
  makeFifo(path)
  assert.throws(() => readRegular(path), WrongKind)
})

test('a file is replaced, and a link in its place or in that of its draft is not followed', t => {
  const folder = makeFolder(t)
  const [other, path] = [join(folder, 'other'), join(folder, 'sandbox.json')]
  writeFileSync(other, 'kept')
  symlinkSync(other, path)
  symlinkSync(other, `${path}.new`)
  replaceFile(path, 'new')
  assert.equal(readFileSync(path, 'utf8'), 'new')
  assert.equal(readFileSync(other, 'utf8'), 'kept')
  assert.deepEqual(readdirSync(folder).sort(), ['other', 'sandbox.json'])
  assert.ok(!existsSync(`${path}.new`))
})
