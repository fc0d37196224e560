// @ts-check
/** Restrictions of accounts that write to too many people whom they do not know: the time-lock, and the cap of new chats. */

import { SERVER, stanza, newId, timestamp } from '../protocol/stanza.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { ConnectionFaults } from '../server/faults.js' */

/** Numbers of queries. Source: Baileys 7.0.0-rc14, which read WhatsApp Web. */
const QUERIES = { reachoutTimelock: '23983697327930364', newChatCap: '24503548349331633' }

/** Errors of messages to people who never wrote to the account. Source: NackReason of WhatsApp Web, as others read it. */
const ERRORS = { reachoutTimelock: 463, newChatCap: 475 }

/**
 * The answer to a query of the namespace `w:mex`; null: the number of the query is not known.
 * @param {BinaryNode | undefined} query
 * @param {ConnectionFaults} fault
 */
export function restrictionOf(query, fault) {
  const id = query?.attrs.query_id
  if (id === QUERIES.reachoutTimelock) return answer({ xwa2_fetch_account_reachout_timelock: timelock(fault) })
  if (id === QUERIES.newChatCap) return answer({ xwa2_message_capping_info: cap(fault) })
  return null
}

/**
 * The error of a message to somebody who never wrote to the account; undefined: no restriction acts.
 * @param {ConnectionFaults} fault
 */
export function newChatError(fault) {
  if (timelock(fault).is_active) return ERRORS.reachoutTimelock
  return cap(fault).capping_status === 'CAPPED' ? ERRORS.newChatCap : undefined
}

/** The server tells a device of its time-lock. @param {ConnectionFaults} fault */
export function timelockNotification(fault) {
  const data = { xwa2_notify_account_reachout_timelock: timelock(fault) }
  const update = stanza('update', { op_name: 'NotificationUserReachoutTimelockUpdate' }, json({ data }))
  return stanza('notification', { type: 'mex', from: SERVER, id: newId(), t: timestamp() }, [update])
}

/** @param {ConnectionFaults} fault */
function timelock(fault) {
  const { until = 0, type = 'DEFAULT' } = /** @type {any} */ (fault('reachoutTimelock') ?? {})
  const isActive = until > Date.now() / 1000
  return { is_active: isActive, time_enforcement_ends: isActive ? String(until) : '0', enforcement_type: type }
}

/** @param {ConnectionFaults} fault */
function cap(fault) {
  const { total = 100, used = 0 } = /** @type {any} */ (fault('newChatCap') ?? {})
  return { total_quota: total, used_quota: used, capping_status: used >= total ? 'CAPPED' : 'NONE' }
}

/** @param {object} data */
function answer(data) {
  return stanza('result', {}, json({ data }))
}

/** @param {object} value */
const json = value => Buffer.from(JSON.stringify(value))
