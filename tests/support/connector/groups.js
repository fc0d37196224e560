// @ts-check
/** Groups in the sandbox, with the account among their members. */

import assert from 'node:assert/strict'

export const OURS = '15551234567'
export const BO = '4915112345678'
export const CY = '4915187654321'
export const MEMBERS = [BO, CY, OURS]

/**
 * @param {Pick<Awaited<ReturnType<typeof import('./sandbox_client.js').openSandbox>>, 'post'>} sandbox
 * @param {object} [wish]
 * @returns {Promise<string>} its id
 */
export async function makeGroup(sandbox, wish = {}) {
  const { status, body } = await sandbox.post('groups', { members: MEMBERS, ...wish })
  assert.equal(status, 200)
  return body.id
}
