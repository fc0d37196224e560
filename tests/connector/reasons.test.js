// @ts-check
/** What each of Baileys' errors means to us. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Boom } from '../../connector/node_modules/@hapi/boom/lib/index.js'
import { isEchoOfClosing, needsPerson, readEnding, refusesKeys } from '../../connector/reasons.js'
import { CertificateRejected } from '../../connector/strict.js'

/** @param {string} message @param {number} statusCode */
const boom = (message, statusCode) => new Boom(message, { statusCode })

/** @type {[string, unknown, boolean, string][]} error, whether the server had answered our hello, code */
const MEANINGS = [
  ['the last code ran out', boom('QR refs attempts ended', 408), true, 'qrs-exhausted'],
  ['pings went unanswered', boom('Connection was lost', 408), true, 'connection-lost'],
  ['the hello went unanswered', boom('Timed Out', 408), false, 'whatsapp-unreachable'],
  ['the port is closed', boom('WebSocket Error (connect ECONNREFUSED 127.0.0.1:1)', 408), false, 'whatsapp-unreachable'],
  ['the connection is reset later', boom('WebSocket Error (read ECONNRESET)', 408), true, 'connection-lost'],
  ['the upgrade makes no sense', boom('WebSocket Error (Invalid Upgrade header)', 500), false, 'whatsapp-unreachable'],
  ['the cable is cut', boom('Connection Terminated', 428), true, 'connection-lost'],
  ['the cable is cut during the handshake', boom('Connection Terminated', 428), false, 'whatsapp-unreachable'],
  ['the server ends the stream', boom('Connection Terminated by Server', 428), true, 'connection-lost'],
  ['the server asks for a restart', boom('Stream Errored (restart required)', 515), true, 'connection-lost'],
  ['Baileys refuses the certificate', boom('noise certificate signature invalid', 400), false, 'certificate-rejected'],
  ['we refuse the certificate', new CertificateRejected('the leaf is out of date'), false, 'certificate-rejected'],
  ['the phone unlinked us', boom('Stream Errored (conflict)', 401), true, 'logged-out'],
  ['another process came', boom('Stream Errored (conflict)', 440), true, 'connection-replaced'],
  ['a login fails with 402', boom('Connection Failure', 402), true, 'account-restricted'],
  ['a login fails with 403', boom('Connection Failure', 403), true, 'account-banned'],
  ['a login fails with 405', boom('Connection Failure', 405), true, 'version-rejected'],
  ['a login fails with 406', boom('Connection Failure', 406), true, 'account-banned'],
  ['a login fails with 411', boom('Multi-device beta not joined', 411), true, 'multidevice-mismatch'],
  ['a login fails with 463', boom('Connection Failure', 463), true, 'account-restricted'],
  ['a login fails with 500', boom('Connection Failure', 500), true, 'bad-session'],
  ['a login fails with 503', boom('Connection Failure', 503), true, 'whatsapp-unavailable'],
  ['a login fails with what nobody knows', boom('Connection Failure', 499), true, 'bad-session'],
  ['a signature of the scan is forged', new Boom('Failed to verify account signature'), true, 'bad-session'],
  ['Baileys gives no error', undefined, true, 'connection-lost']
]

for (const [what, error, hasAnswered, code] of MEANINGS) {
  test(`${what}: ${code}`, () => assert.equal(readEnding(error, { hasAnswered }).code, code))
}

test('the cause of an unreachable server is told', () => {
  const error = boom('WebSocket Error (connect ECONNREFUSED 127.0.0.1:1)', 408)
  assert.match(readEnding(error, { hasAnswered: false }).detail, /: connect ECONNREFUSED 127\.0\.0\.1:1$/)
})

test('a person is needed where connecting again mends nothing', () => {
  const codes = [401, 402, 403, 405, 406, 411, 428, 440, 463, 500, 503]
  const needing = codes.filter(code => needsPerson(readEnding(boom('Connection Failure', code), { hasAnswered: true })))
  assert.deepEqual(needing, [402, 403, 405, 406, 411, 440, 463])
})

test('new keys are made only where WhatsApp refused the old ones', () => {
  const refused = [401, 403, 428, 500, 503].filter(code => refusesKeys(readEnding(boom('', code), { hasAnswered: true })))
  assert.deepEqual(refused, [401, 500])
})

test('only the echo of a closed socket may be left unhandled', () => {
  assert.ok(isEchoOfClosing(boom('Connection Closed', 428)))
  assert.ok(!isEchoOfClosing(new Error('Unsupported state or unable to authenticate data')))
  assert.ok(!isEchoOfClosing(boom('Connection Failure', 401)))
  assert.ok(!isEchoOfClosing(undefined))
})
