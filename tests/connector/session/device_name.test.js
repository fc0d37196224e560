// @ts-check
/** The name of a session on the phone. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LINK, openUnpairedSession, startConnector, startSandbox } from '../../support/connector/harness.js'
import { connect, openSandbox } from '../../support/connector/sandbox_client.js'

test('a device is linked under the name that the front gave', async t => {
  const { front, sandbox } = await shown(t, { ...LINK, deviceName: 'The shop’s till 🛒' })
  await sandbox.scan((await front.qr()).payload)
  assert.deepEqual(
    (await sandbox.state()).devices.map((/** @type {any} */ device) => device.deviceName),
    ['The shop’s till 🛒']
  )
})

test('a device with the name of a system registers as a browser', async t => {
  const { front, sandbox } = await shown(t, { ...LINK, deviceName: 'Windows' })
  await sandbox.scan((await front.qr()).payload)
  assert.equal((await sandbox.state()).devices.length, 1)
})

test('a code with an old device name dies, and the next start has the new name', async t => {
  const { front, sandbox, session, connector } = await shown(t, LINK)
  const { payload } = await front.qr()
  front.say({ command: 'set_link', link: { ...LINK, deviceName: 'Till' } })
  assert.deepEqual(await connector.exit(), { code: 0, signal: null })
  await assert.rejects(sandbox.scan(payload), /code-dead/)
  startConnector(t, session, sandbox.environment)
  await front.meet(0, { link: { ...LINK, deviceName: 'Till' } })
  await sandbox.scan((await front.qr()).payload)
  assert.equal((await sandbox.state()).devices[0].deviceName, 'Till')
})

test('a request for a pairing code has a display name that WhatsApp accepts, and the linked device has its own name', async t => {
  const { front, sandbox } = await shown(t, { ...LINK, deviceName: 'Till 2' })
  front.say({ command: 'pair_by_code', request: 'r', phoneNumber: '15551234567' })
  const { code } = await front.next('pairing_code_issued')
  await sandbox.typeCode('15551234567', code)
  assert.equal((await sandbox.state()).devices[0].deviceName, 'Till 2')
})

for (const system of ['Mac OS', 'Windows'])
  test(`the sandbox cuts off what registers as the desktop program of ${system}, as WhatsApp does`, async t => {
    const sandbox = await openSandbox(t)
    const client = await connect(t, sandbox.url, { browser: [system, 'Desktop', '1'], syncFullHistory: true })
    assert.equal((await client.closed()).code, 428)
    assert.equal((await sandbox.state()).registrations, 0)
  })

/** A session that shows its first code. @param {import('node:test').TestContext} t @param {typeof LINK} link */
async function shown(t, link) {
  const sandbox = await startSandbox(t)
  const { session, front, connector } = await openUnpairedSession(t, sandbox, {}, { link })
  await front.qr()
  return { sandbox, session, front, connector }
}
