// @ts-check
/** Log lines, as key=value or as JSON, session first. Never a payload, a key, a credential or a message's text. */

/** Text that may hold a secret: a long run without spaces, a number as long as a phone's, or an address. */
const SUSPECT = /[^\s]{33,}|\d{7,}|@/

/** @typedef {'info' | 'warning' | 'error'} Level */
/** @typedef {Record<string, string | number | boolean | null | undefined>} Fields */

/**
 * @param {Fields} always fields of every line
 * @param {(line: string) => void} write
 * @param {(fields: Fields) => string} format
 */
export function createLog(always, write, format = asText) {
  /** @param {Level} level @param {string} event @param {Fields} [fields] */
  const log = (level, event, fields = {}) => write(`${format({ ...always, level, event, ...fields })}\n`)
  return {
    /** @param {string} event @param {Fields} [fields] */
    info: (event, fields) => log('info', event, fields),
    /** @param {string} event @param {Fields} [fields] */
    warning: (event, fields) => log('warning', event, fields),
    /** @param {string} event @param {Fields} [fields] */
    error: (event, fields) => log('error', event, fields),
    /** The same log, with more fields on every line. @param {Fields} more */
    with: more => createLog({ ...always, ...more }, write, format)
  }
}

/** @typedef {ReturnType<typeof createLog>} Log */

/**
 * The name of an error, and its message if that holds nothing secret.
 * @param {unknown} error
 * @returns {{error: string, message: string}}
 */
export function harmless(error) {
  if (!(error instanceof Error)) return { error: typeof error, message: '(withheld)' }
  const [line] = error.message.split('\n')
  return { error: error.name, message: SUSPECT.test(error.message) ? '(withheld)' : line.slice(0, 200) }
}

/** For people. @param {Fields} fields */
export function asText(fields) {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([key, value]) => `${key}=${quoted(String(value))}`)
    .join(' ')
}

/** For programs, with the members of the front's lines. @param {Fields} fields */
export function asJson({ level, ...fields }) {
  const line = { time: new Date().toISOString(), level: String(level).toUpperCase(), logger: 'connector', ...fields }
  return visible(JSON.stringify(line, (_, value) => value ?? undefined))
}

/** The value of a key. @param {string} text */
export function quoted(text) {
  return /^[\w.:+-]+$/.test(text) ? text : visible(JSON.stringify(text))
}

/** Escapes the control characters that JSON leaves as they are: a terminal obeys them. @param {string} json */
function visible(json) {
  const escaped = (/** @type {string} */ unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  return json.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, character => character.split('').map(escaped).join(''))
}
