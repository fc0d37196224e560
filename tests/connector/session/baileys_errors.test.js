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

/** @type {[string, string][]} message of Baileys, end of the detail */
const CAUSES = [
  ['WebSocket Error (getaddrinfo ENOTFOUND web.whatsapp.com)', 'there is no host of this name'],
  ['WebSocket Error (getaddrinfo EAI_AGAIN web.whatsapp.com)', 'its name cannot be looked up'],
  ['WebSocket Error (connect ECONNREFUSED 127.0.0.1:1)', 'it refuses the connection'],
  ['WebSocket Error (connect ENETUNREACH 157.240.0.60:443)', 'there is no route to it'],
  ['WebSocket Error (connect EADDRNOTAVAIL 10.0.0.1:443)', 'its connection failed (EADDRNOTAVAIL)'],
  ['WebSocket Error (Unexpected server response: 503)', 'it answered 503 Service Unavailable'],
  ['WebSocket Error (Opening handshake has timed out)', 'it does not answer'],
  ['WebSocket Error (socket hang up)', 'it cut the connection'],
  ['WebSocket Error (self-signed certificate in certificate chain)', 'its certificate is not trusted'],
  ['WebSocket Error (Invalid Upgrade header)', 'it does not speak WebSocket'],
  ['WebSocket Error (something that nobody knows)', 'something that nobody knows'],
  ['Timed Out', 'it does not answer']
]

for (const [message, cause] of CAUSES) {
  test(`an unreachable server is explained in words: ${message}`, () => {
    const { detail } = readEnding(boom(message, 408), { hasAnswered: false })
    assert.equal(detail, `${ending('whatsapp-unreachable').detail}: ${cause}`)
  })
}

test('new keys are made only if WhatsApp refused the old ones', () => {
  assert.ok(refusesKeys(ending('whatsapp-refused')))
  assert.ok(refusesKeys(ending('bad-session')))
  assert.ok(!refusesKeys(ending('connection-lost')))
  assert.ok(!refusesKeys(ending('whatsapp-rate-limited')))
})
