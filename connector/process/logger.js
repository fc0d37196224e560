// @ts-check
/** Log lines, as key=value or as JSON, session first. Never a payload, a key, a credential or a message's text. */

/** Text that may hold a secret: a long run without spaces, a number as long as a phone's, or an address. */
const SUSPECT = /[^\s]{33,}|\d{7,}|@/

/** @typedef {'info' | 'warning' | 'error'} Level */
/** @typedef {Record<string, string | number | boolean | null | undefined>} Fields */

/**
 * @param {Fields} always what every line of this process carries
 * @param {(line: string) => void} write
 * @param {(said: Fields) => string} shown
 */
export function createLog(always, write, shown = asText) {
  /** @param {Level} level @param {string} event @param {Fields} [fields] */
  const say = (level, event, fields = {}) => write(`${shown({ ...always, level, event, ...fields })}\n`)
  return {
    /** @param {string} event @param {Fields} [fields] */
    info: (event, fields) => say('info', event, fields),
    /** @param {string} event @param {Fields} [fields] */
    warning: (event, fields) => say('warning', event, fields),
    /** @param {string} event @param {Fields} [fields] */
    error: (event, fields) => say('error', event, fields),
    /** The same log, with more on every line. @param {Fields} more */
    with: more => createLog({ ...always, ...more }, write, shown)
  }
}

/** @typedef {ReturnType<typeof createLog>} Log */

/**
 * An error's name, with its message where that holds nothing secret.
 * @param {unknown} error
 * @returns {{error: string, message: string}}
 */
export function harmless(error) {
  if (!(error instanceof Error)) return { error: typeof error, message: '(withheld)' }
  const [line] = error.message.split('\n')
  return { error: error.name, message: SUSPECT.test(error.message) ? '(withheld)' : line.slice(0, 200) }
}

/** For people. @param {Fields} said */
export function asText(said) {
  return Object.entries(said)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([key, value]) => `${key}=${quoted(String(value))}`)
    .join(' ')
}

/** For programs, with the members that every line of the front has. @param {Fields} said */
export function asJson({ level, ...said }) {
  const line = { time: new Date().toISOString(), level: String(level).toUpperCase(), logger: 'connector', ...said }
  return JSON.stringify(line, (_, value) => value ?? undefined)
}

/** @param {string} text */
function quoted(text) {
  return /^[\w.:+-]+$/.test(text) ? text : JSON.stringify(text)
}
