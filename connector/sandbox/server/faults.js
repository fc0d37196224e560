// @ts-check
/** Faults: switches that make the sandbox misbehave. */

import { isFailure, isStreamError } from '../protocol/endings.js'
import {
  cap,
  delays,
  dirtyTypes,
  flag,
  kindAnd,
  messageErrors,
  messages,
  moment,
  refresh,
  seconds,
  status,
  texts,
  timelock
} from './fault_values.js'
import { invalid } from './refusal.js'
import { isVersion } from './versions.js'

/** Values of each switch, and its effect. */
const SWITCHES = {
  upgradeStatus: status, // the WebSocket upgrade is answered with this HTTP status
  hangUpgrade: flag, // the upgrade is never answered
  refuse: flag, // the TCP connection is destroyed at the upgrade
  halfDead: flag, // the upgrade is accepted, then silence: no close frame, whatever the client does
  hangHandshake: flag, // the client's hello is never answered
  foreignRoot: flag, // the certificate chain is signed by another root
  outdatedCertificate: flag, // the certificate's time is over
  garbageAfterHandshake: flag, // a frame that cannot be decrypted follows the handshake
  deflateBomb: flag, // a stanza follows the handshake that is 64 KiB and inflates to 64 MiB
  mute: flag, // after the handshake the server says nothing at all
  noPong: flag, // keep-alive pings are not answered
  noRefs: flag, // a socket that registers gets no codes
  delayRefs: seconds, // codes come late
  resendRefs: seconds, // another set of codes follows after so long, and replaces the first
  versionRejected: flag, // a registration fails with 405
  minimumVersion: isVersion, // a registration or a login that announces less fails with 405
  registrationFailure: isFailure, // a registration fails with this reason
  refreshRegistration: refresh, // the first scan on a socket retires the secret of its code
  refreshAfterFinish: refresh, // the notification of that comes while a typed code links
  passkey: flag, // after the scan the phone asks for a passkey
  forgedAccountSignature: flag, // the phone's signature is not that of its key
  dropAfterScan: moment, // the connection is cut after the scan
  singleDevice: flag, // a phone that scans cannot have linked devices
  loginFailure: isFailure, // a login fails with this reason
  streamErrorOnLogin: isStreamError, // a login is answered with a stream error
  codeError: status, // a request for a pairing code is refused with this error
  messageError: messageErrors, // messages that the device sends are refused with these errors
  dropMessage: messages, // the connection is cut before a message is taken
  dropAck: messages, // a message is taken, and never confirmed
  ackDelay: delays, // the confirmation of a message comes late; its delivery does not
  ackPhash: messages, // the confirmation of a message carries the hash of other devices
  dedupeIds: flag, // a message with an id that the account has used before is confirmed, and goes no further
  receiptsForDuplicates: flag, // a phone sends a receipt for each duplicate of Signal, also for an id that it never showed
  reachoutTimelock: timelock, // the account may write to nobody new until then
  newChatCap: cap, // the account has written to so many of so many new people
  dirty: dirtyTypes, // after each login these are dirty, until the device has cleaned them
  queryError: kindAnd('code', status), // queries of this kind are answered with an error
  silentQueries: texts, // queries of these kinds are not answered
  silentUsers: texts, // look-ups of these numbers are not answered
  queryCut: kindAnd('how', how => how === undefined || how === 'drop' || how === 'close') // the connection ends instead of an answer
}

/** Switches that act on single messages. Their `times` counts messages instead of connections. */
const OF_MESSAGES = new Set(['messageError', 'dropMessage', 'dropAck', 'ackDelay', 'ackPhash'])

/** @typedef {keyof typeof SWITCHES} Name */
/** @typedef {{ value: boolean | number | string | object, times: number }} Switch */

/** All switches, as the control port sets them. */
export class Faults {
  /** @type {Map<Name, Switch>} */
  #switches = new Map()

  /**
   * Replaces every switch.
   * @param {Record<string, unknown>} wanted
   */
  set(wanted) {
    /** @type {[Name, Switch][]} */
    const read = Object.entries(wanted).map(([name, setting]) => [known(name), readSwitch(known(name), setting)])
    this.#switches = new Map(read.filter(([, { value }]) => value !== false))
  }

  /** Switches that still act, in the form in which they were set. */
  toJSON() {
    const left = [...this.#switches].filter(([, { times }]) => times > 0)
    const shown = left.map(([name, { value, times }]) => [name, times === Infinity ? value : { value, times }])
    return Object.fromEntries(shown)
  }

  /**
   * Faults of one connection. The first time that a switch acts on a connection counts as one of its `times`. It stays with that
   * connection as long as it is set. A switch of messages counts each time that it acts.
   * @returns {ConnectionFaults}
   */
  forConnection() {
    /** @type {Set<Switch>} */
    const met = new Set()
    return (name, isMeant) => {
      const found = this.#switches.get(name)
      if (!found || (isMeant && !isMeant(found.value))) return undefined
      const isMet = met.has(found) && !OF_MESSAGES.has(name)
      if (!isMet && found.times <= 0) return undefined
      if (!isMet) found.times -= 1
      met.add(found)
      return found.value
    }
  }
}

/** @typedef {(name: Name, isMeant?: (value: any) => boolean) => Switch['value'] | undefined} ConnectionFaults isMeant: whether it acts now */

/**
 * @param {string} name
 * @returns {Name}
 */
function known(name) {
  if (!Object.hasOwn(SWITCHES, name)) throw invalid(`there is no fault "${name}": ${Object.keys(SWITCHES).join(', ')}`)
  return /** @type {Name} */ (name)
}

/**
 * @param {Name} name
 * @param {unknown} setting a value, or {value, times}
 * @returns {Switch}
 */
function readSwitch(name, setting) {
  const { value, times = Infinity } = isCounted(setting) ? setting : { value: setting }
  const isCount = times === Infinity || (Number.isInteger(times) && Number(times) >= 1)
  if (!isCount) throw invalid(`${name}: times must be a positive integer`)
  if (value !== false && !SWITCHES[name](value))
    throw invalid(`${name}: ${JSON.stringify(value)} is no value of this fault: docs/reference/sandbox.md lists them`)
  return { value: /** @type {Switch['value']} */ (value), times: Number(times) }
}

/**
 * @param {unknown} setting
 * @returns {setting is { value: unknown, times?: unknown }}
 */
function isCounted(setting) {
  return typeof setting === 'object' && setting !== null && 'value' in setting
}
