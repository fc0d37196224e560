// @ts-check
/**
 * Defers the messages of WhatsApp's protocol: each is built at its first use.
 *
 * WAProto/index.js of Baileys builds 640 of them when it is loaded, and a session uses a few dozen. Each is an expression of its own,
 * `holder.Name = (function() { … })();`, which protobufjs has written. It becomes a getter that replaces itself with the result.
 */

/** First line of a message or an enum. */
const BEGINNING = /^( +)([A-Za-z_$][\w$]*)\.([A-Za-z_$][\w$]*) = \(function\(\) \{$/

/** Fewer would be another kind of file. */
const FEWEST = 500

const HELPER = `
function $defer(holder, name, build) {
    const settle = value => Object.defineProperty(holder, name, { value, writable: true, enumerable: true, configurable: true });
    Object.defineProperty(holder, name, {
        get: () => settle(build())[name],
        set: settle,
        enumerable: true,
        configurable: true
    });
}
`

/**
 * @param {string} source WAProto/index.js
 * @returns {string} a module that exports the same
 */
export function deferMessages(source) {
  /** Indentations of those that have begun. @type {string[]} */
  const begun = []
  let count = 0
  const lines = source.split('\n').map(line => {
    const [, indentation, holder, name] = BEGINNING.exec(line) ?? []
    if (name) {
      begun.push(/** @type {string} */ (indentation))
      count += 1
      return `${indentation}$defer(${holder}, "${name}", function() {`
    }
    if (begun.length > 0 && line === `${begun.at(-1)}})();`) return `${begun.pop()}});`
    return line
  })
  if (begun.length > 0 || count < FEWEST) throw new Error(`${count} messages of WAProto can be deferred`)
  return lines.join('\n') + HELPER
}
