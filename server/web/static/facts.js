// @ts-check
/** Facts about a session and its process as texts. */

import { now } from "./api.js";
import { LOADING, NOTHING, size, span } from "./words.js";

/** @typedef {import("./connectors.js").Connector | null | undefined} Known null: there is no process; undefined: not known yet */

/** @param {string} when a moment in ISO 8601 */
export function since(when) {
  return span(now() - Date.parse(when));
}

/** @param {string} when */
export function ago(when) {
  const passed = now() - Date.parse(when);
  return passed < 60_000 ? "just now" : `${span(passed)} ago`;
}

/** The date and the time of this computer's zone. @param {string} when */
export function moment(when) {
  return new Date(when).toLocaleString();
}

/** @param {Known} connector */
export function shownRestarts(connector) {
  return known(connector, ({ restarts }) => String(restarts));
}

/** @param {Known} connector */
export function shownMemory(connector) {
  return known(connector, ({ memory }) => (memory === null ? NOTHING : size(memory)));
}

/** @param {Known} connector */
export function shownProcess(connector) {
  return known(connector, ({ state, pid, uptime }) => {
    if (pid === null) return state;
    return `${state}, pid ${pid}${uptime === null ? "" : `, since ${span(uptime * 1000)}`}`;
  });
}

/**
 * @param {Known} connector
 * @param {(connector: import("./connectors.js").Connector) => string} text
 */
function known(connector, text) {
  if (connector === undefined) return LOADING;
  return connector === null ? NOTHING : text(connector);
}
