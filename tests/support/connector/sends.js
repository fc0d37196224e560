// @ts-check
/** Messages to a contact that an account sends: their commands, and what became of them. */

import { until } from './account.js'

/** @typedef {Awaited<ReturnType<typeof import('./account.js').openAccount>>} Account */
/** @typedef {Awaited<ReturnType<typeof import('./harness.js').startSandbox>>} Sandbox */

export const CONTACT = '4915112345678'
export const CHAT = `${CONTACT}@s.whatsapp.net`

/** The ids and texts that the contact's phone has got. @param {Sandbox} sandbox */
export async function inboxOf(sandbox) {
  const { inbox } = await sandbox.phone(CONTACT)
  return inbox.map((/** @type {any} */ { id, text }) => [id, text])
}

let made = 0

/** @param {object} message @param {object} [changes] */
export const send = (message, changes) => ({
  command: 'send',
  id: `3EB0${String((made += 1)).padStart(16, '0')}`,
  chat: CHAT,
  message,
  typing: 0,
  onDoubt: 'resend',
  again: false,
  ...changes
})

/** @param {Account} account @param {string} id */
export const movesOf = (account, id) => account.named('message_moved').filter(move => move.id === id)

/**
 * @param {Account} account
 * @param {string} id
 * @param {string} status
 */
export const moved = (account, id, status) =>
  until(() => movesOf(account, id).find(move => move.status === status), status)
