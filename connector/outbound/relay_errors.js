// @ts-check
/** What the errors of a relay mean for its message. */

import { isGroup } from './relay.js'
import { NobodyToSealFor } from './sealing.js'
import { isUnanswered } from './unanswered.js'

/** Whether nothing could be encrypted for those who need a copy of their own. @param {any} error */
export const isNobody = error => error instanceof NobodyToSealFor || error?.message === 'All encryptions failed'

/** Whether a write to the socket has failed: what was written before may have arrived. @param {any} error */
export const isConnectionError = error => error?.syscall === 'write' || error?.output?.statusCode === 428

/** Whether WhatsApp says that the account is no member of the group, or that the group does not exist. @param {any} error @param {string} chat */
export const isNoMember = (error, chat) => isGroup(chat) && [401, 403, 404].includes(error?.data)

/** The cause of a failure, for people. @param {any} error */
export function textOf(error) {
  if (isUnanswered(error)) return 'it did not answer a query for it'
  return typeof error?.data === 'number' ? `it answered ${error.data}` : 'it could not be encrypted'
}
