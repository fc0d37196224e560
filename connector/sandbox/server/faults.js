// @ts-check
/** Faults: switches that make the sandbox misbehave. */

import { isFailure, isStreamError } from '../protocol/endings.js'
import { invalid } from './refusal.js'
import { REFRESH_CHILDREN } from '../protocol/adv_secrets.js'
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
  messageError: status, // a message that the device sends is refused with this error
  dirty: dirtyTypes, // after each login these are dirty, until the device has cleaned them
  queryError: kindAnd('code', status), // queries of this kind are answered with an error
  silentQueries: texts, // queries of these kinds are not answered
  silentUsers: texts, // look-ups of these numbers are not answered
  queryCut: kindAnd('how', how => how === undefined || how === 'drop' || how === 'close') // the connection ends instead of an answer
}

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
   * connection as long as it is set.
   * @returns {ConnectionFaults}
   */
  forConnection() {
    /** @type {Set<Switch>} */
    const met = new Set()
    return (name, isMeant) => {
      const found = this.#switches.get(name)
      if (!found || (isMeant && !isMeant(found.value))) return undefined
      if (!met.has(found) && found.times <= 0) return undefined
      if (!met.has(found)) found.times -= 1
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

/** @param {unknown} value */
function flag(value) {
  return value === true
}

/** @param {unknown} value */
function status(value) {
  return Number.isInteger(value) && Number(value) >= 400 && Number(value) <= 599
}

/** @param {unknown} value */
function seconds(value) {
  return typeof value === 'number' && value > 0 && value < 3600
}

/** @param {unknown} value `true` means "signed" */
function moment(value) {
  return value === true || value === 'signed' || value === 'unsigned'
}

/** @param {unknown} value */
function texts(value) {
  const all = [value].flat()
  return all.length > 0 && all.every(text => typeof text === 'string' && text !== '')
}

/** @param {unknown} value */
function dirtyTypes(value) {
  return texts(value) && [value].flat().every(type => ['groups', 'communities', 'account_sync'].includes(String(type)))
}

/**
 * Checks a kind of query with a second value.
 * @param {string} name
 * @param {(value: unknown) => boolean} fits
 */
function kindAnd(name, fits) {
  return (/** @type {any} */ value) => {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject && texts(value.kind) && !Array.isArray(value.kind) && fits(value[name])
  }
}

/** @param {unknown} value the child of the notification; `true` means the first one */
function refresh(value) {
  return value === true || REFRESH_CHILDREN.includes(String(value))
}
