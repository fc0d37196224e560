// @ts-check
/** A connection whose server becomes silent without closing it. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openCredentials } from '../../../connector/storage/credentials.js'
import { openDedup } from '../../../connector/messages/dedup.js'
import { openOutbound } from '../../../connector/outbound/outbound.js'
import { WhatsAppSocket } from '../../../connector/session/socket.js'
import { createLog } from '../../../connector/process/logger.js'
import { openConnectorDatabase } from '../../../connector/storage/database.js'
import { readSettings } from '../../../connector/settings.js'
import { createSkipCounter } from '../../../connector/messages/skipped.js'
import { checkCertificates } from '../../../connector/network/certificate_check.js'
import { LINK, makeSession, startSandbox } from '../../support/connector/harness.js'

/** Milliseconds: Baileys' own keep-alive would need longer. */
const KEEP_ALIVE_MS = 9_000

/** A socket in this process that shows its first code. @param {import('node:test').TestContext} t @param {number} silence seconds */
async function openSocket(t, silence) {
  const sandbox = await startSandbox(t)
  const { id, state, folder } = makeSession(t)
  const settings = readSettings([id], { ...sandbox.environment, MOTTE_STATE: state })
  const database = openConnectorDatabase(folder)
  t.after(() => database.close())
  checkCertificates(settings)
  const dedup = openDedup(database, () => ({ spool() {}, deliver() {} }))
  const shown = Promise.withResolvers()
  const ended = Promise.withResolvers()
  const ignored = {
    registrationRefreshed() {},
    codesUsedUp() {},
    pairingCodeWithdrawn() {},
    credentialsChanged() {},
    opened() {},
    scanRefused() {},
    messageSkipped() {},
    typed() {}
  }
  const listener = { ...ignored, qrShown: shown.resolve, ended: ended.resolve }
  const credentials = openCredentials(database)
  const log = createLog({}, () => {})
  const outbound = openOutbound(database, credentials, () => ({ send() {}, spool() {}, deliver() {} }), { log })
  const worked = { times: 0 }
  const release = { note: () => void (worked.times += 1) }
  const memory = { credentials, outbound, dedup, skipped: createSkipCounter(), log, release }
  const socket = new WhatsAppSocket(settings, LINK, memory, listener, {
    silence: { paired: silence, unpaired: silence }
  })
  t.after(() => socket.close())
  await shown.promise
  return { sandbox, socket, worked, ended: ended.promise }
}

test('a connection without a frame for too long is lost, though no side closed it', async t => {
  const { sandbox, ended } = await openSocket(t, 1)
  const frozenAt = performance.now()
  await sandbox.freeze()
  const { code } = await ended
  assert.equal(code, 'connection-lost')
  assert.ok(performance.now() - frozenAt < KEEP_ALIVE_MS)
})

test('a pairing code that WhatsApp does not confirm is refused', async t => {
  const { sandbox, socket } = await openSocket(t, 60)
  await sandbox.faults({ mute: true })
  const refusal = { code: 'no-pairing-code', detail: 'WhatsApp gave no pairing code: no answer' }
  await assert.rejects(socket.requestPairingCode('15551234567', 0.3), refusal)
})

test('a socket that writes a frame is not idle any more, and its session works', async t => {
  const { socket, worked } = await openSocket(t, 60)
  await new Promise(resolve => setTimeout(resolve, 100))
  const before = worked.times
  const askedAt = performance.now()
  await socket.requestPairingCode('15551234567')
  assert.ok(socket.idleFor() * 1000 < performance.now() - askedAt + 20)
  assert.ok(worked.times > before)
})
