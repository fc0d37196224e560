// @ts-check
/** Reasons behind the errors of Baileys. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Boom } from '../../../connector/node_modules/@hapi/boom/lib/index.js'
import { ending, readEnding, refusesKeys } from '../../../connector/session/baileys_errors.js'
import { CertificateRejected } from '../../../connector/network/certificate_check.js'

/** @param {string} message @param {number} statusCode */
const boom = (message, statusCode) => new Boom(message, { statusCode })

/** @type {[string, unknown, boolean, string][]} error, whether the server had answered our hello, code */
const MEANINGS = [
  ['pings went unanswered', boom('Connection was lost', 408), true, 'connection-lost'],
  ['the hello went unanswered', boom('Timed Out', 408), false, 'whatsapp-unreachable'],
  [
    'the port is closed',
    boom('WebSocket Error (connect ECONNREFUSED 127.0.0.1:1)', 408),
    false,
    'whatsapp-unreachable'
  ],
  ['the connection is reset later', boom('WebSocket Error (read ECONNRESET)', 408), true, 'connection-lost'],
  ['the upgrade makes no sense', boom('WebSocket Error (Invalid Upgrade header)', 500), false, 'whatsapp-unreachable'],
  ['the cable is cut', boom('Connection Terminated', 428), true, 'connection-lost'],
  ['the cable is cut during the handshake', boom('Connection Terminated', 428), false, 'whatsapp-unreachable'],
  ['the server ends the stream', boom('Connection Terminated by Server', 428), true, 'connection-lost'],
  ['Baileys refuses the certificate', boom('noise certificate signature invalid', 400), false, 'certificate-rejected'],
  ['we refuse the certificate', new CertificateRejected('the leaf is for another key'), false, 'certificate-rejected'],
  [
    'the certificate is not valid now',
    new CertificateRejected('the leaf is out of date', { isOutdated: true }),
    false,
    'certificate-outdated'
  ],
  ['an error has the status 400', boom('Bad Request', 400), true, 'bad-session'],
  ['a signature of the scan is forged', new Boom('Failed to verify account signature'), true, 'bad-session'],
  ['Baileys gives no error', undefined, true, 'connection-lost']
]

for (const [what, error, hasAnswered, code] of MEANINGS) {
  test(`${what}: ${code}`, () => assert.equal(readEnding(error, { hasAnswered }).code, code))
}

test('the detail of an unreachable server names the cause', () => {
  const error = boom('WebSocket Error (connect ECONNREFUSED 127.0.0.1:1)', 408)
  assert.match(readEnding(error, { hasAnswered: false }).detail, /: connect ECONNREFUSED 127\.0\.0\.1:1$/)
})

test('new keys are made only if WhatsApp refused the old ones', () => {
  assert.ok(refusesKeys(ending('whatsapp-refused')))
  assert.ok(refusesKeys(ending('bad-session')))
  assert.ok(!refusesKeys(ending('connection-lost')))
  assert.ok(!refusesKeys(ending('whatsapp-rate-limited')))
})
