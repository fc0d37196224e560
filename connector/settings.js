// @ts-check
/** Settings of a connector: its session's id is the argument, the others are in the environment. */

import { join } from 'node:path'

/** A setting that cannot be used. The message names it and says what is expected. */
export class BadSetting extends Error {}

/**
 * @typedef {object} Settings
 * @property {string} id the session
 * @property {string} folder of its pipes, its database and its lock
 * @property {string | undefined} url endpoint of WhatsApp; undefined: Baileys' default
 * @property {Buffer | undefined} rootKey the public key that must have signed the endpoint's certificate; undefined: WhatsApp's own
 * @property {number | undefined} memory limit of the resident memory in bytes; undefined: no limit
 * @property {number | undefined} qrLifetime seconds for which every code is shown; undefined: as WhatsApp Web shows them
 */

/** @typedef {Omit<Settings, 'id' | 'folder'>} SharedSettings */

/**
 * @param {string[]} args after the program's name
 * @param {Record<string, string | undefined>} environment
 * @returns {Settings}
 */
export function readSettings(args, environment) {
  const id = sessionId(args)
  const folder = join(required(environment, 'MOTTE_STATE'), 'sessions', id)
  return { id, folder, ...readSharedSettings(environment) }
}

/**
 * Settings that every session has.
 * @param {Record<string, string | undefined>} environment
 * @returns {SharedSettings}
 */
export function readSharedSettings(environment) {
  return {
    url: optional(environment, 'MOTTE_WHATSAPP_URL', endpoint),
    rootKey: optional(environment, 'MOTTE_WHATSAPP_ROOT_KEY', publicKey),
    memory: optional(environment, 'MOTTE_CONNECTOR_MEMORY', mebibytes),
    qrLifetime: optional(environment, 'MOTTE_QR_LIFETIME', seconds)
  }
}

/**
 * Whether log lines are JSON. Read apart from the other settings, whose faults are logged. Never fails.
 * @param {Record<string, string | undefined>} environment
 */
export const isLoggedAsJson = environment => environment.MOTTE_LOG_FORMAT === 'json'

/** @param {string[]} args */
export function sessionId(args) {
  const [id, ...rest] = args
  if (rest.length === 0 && id !== undefined && /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(id)) return id
  throw new BadSetting('the one argument must be a session id')
}

/** @param {Record<string, string | undefined>} environment @param {string} name */
function required(environment, name) {
  const value = environment[name]
  if (value) return value
  throw new BadSetting(`${name} must be set`)
}

/**
 * @template T
 * @param {Record<string, string | undefined>} environment
 * @param {string} name
 * @param {(value: string) => T} read throws an error that names what is expected
 * @returns {T | undefined}
 */
function optional(environment, name, read) {
  const value = environment[name]
  if (value === undefined || value === '') return undefined
  try {
    return read(value)
  } catch (error) {
    throw new BadSetting(`${name} must be ${/** @type {Error} */ (error).message}`)
  }
}

/** @param {string} value */
function endpoint(value) {
  const protocol = URL.parse(value)?.protocol
  if (protocol === 'ws:' || protocol === 'wss:') return value
  throw new Error('a ws:// or wss:// URL')
}

/** @param {string} value */
function publicKey(value) {
  if (/^[0-9a-f]{64}$/i.test(value)) return Buffer.from(value, 'hex')
  throw new Error('a public key of 32 bytes in hexadecimal')
}

/** @param {string} value */
function seconds(value) {
  const number = Number(value)
  if (number > 0 && number <= 3600) return number
  throw new Error('a number of seconds, more than 0 and at most 3600')
}

/** @param {string} value @returns {number} bytes */
function mebibytes(value) {
  if (/^[1-9]\d{0,5}$/.test(value)) return Number(value) * 1024 * 1024
  throw new Error('a whole number of MiB, above 0')
}
