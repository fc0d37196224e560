// @ts-check
/** Bodies of control requests about what happens now: somebody types, or calls. */

import { CALL_STATES } from '../messages/live_stanzas.js'
import { phoneNumber, text } from './control_requests.js'
import { invalid } from './refusal.js'
import { newId } from '../protocol/stanza.js'

/** @import { Body } from './control_requests.js' */
/** @import { CallRequest, TypingRequest } from '../messages/live_stanzas.js' */

/** @param {Body} body @returns {TypingRequest} */
export function typingRequest(body) {
  const { kind = 'text' } = body
  if ((body.to === undefined) === (body.group === undefined)) throw invalid('exactly one of to and group must be given')
  if (kind !== 'text' && kind !== 'voice') throw invalid('kind must be "text" or "voice"')
  return {
    from: phoneNumber(body, 'from'),
    to: body.to === undefined ? null : phoneNumber(body, 'to'),
    group: body.group === undefined ? null : text(body, 'group'),
    isTyping: body.isTyping !== false,
    kind,
    byLid: body.byLid === true,
    isForAll: body.isForAll === true
  }
}

/** @param {Body} body @returns {CallRequest} */
export function callRequest(body) {
  const { state = 'offer' } = body
  if (!CALL_STATES.includes(String(state))) throw invalid(`state must be one of ${CALL_STATES.join(', ')}`)
  return {
    from: phoneNumber(body, 'from'),
    to: phoneNumber(body, 'to'),
    id: body.id === undefined ? newId().toUpperCase() : text(body, 'id'),
    state: String(state),
    isVideo: body.isVideo === true,
    group: body.group === undefined ? null : text(body, 'group'),
    byLid: body.byLid === true
  }
}
