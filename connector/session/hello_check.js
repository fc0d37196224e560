// @ts-check
/** Checks that a session may act for the account that a front expects. */

/** Spooled events that are searched for a logout. A spool holds a few. */
const SEARCHED_EVENTS = 64

/** @typedef {Pick<import('../ipc/commands.js').Hello, 'have' | 'account'>} Hello */

/**
 * @typedef {object} Parts
 * @property {Pick<import('../storage/credentials.js').Credentials, 'isPaired' | 'account'>} credentials
 * @property {Pick<import('./server_identity.js').ServerIdentity, 'current' | 'linked'>} server
 * @property {Pick<import('../storage/spool.js').Spool, 'after'>} spool
 */

/**
 * Why a session must end without a socket; null if it may go on. `logged_out`: the spool tells the front so.
 * @param {Hello} hello
 * @param {Parts} parts
 * @param {{wasPaired: boolean}} past wasPaired: whether this process started with an account
 * @returns {'other_server' | 'logged_out' | 'credentials_lost' | null}
 */
export function refusalOf({ have, account }, { credentials, server, spool }, { wasPaired }) {
  // An account that this process has paired itself belongs to the present server.
  if (wasPaired && server.linked() !== server.current) return 'other_server'
  // Credentials without a number count for any account.
  const isExpected = credentials.isPaired() && [account, null].includes(credentials.account().phoneNumber)
  if (account === null || isExpected) return null
  const hasLoggedOut = spool.after(have, SEARCHED_EVENTS).some(({ event }) => event.event === 'logged_out')
  return hasLoggedOut ? 'logged_out' : 'credentials_lost'
}
