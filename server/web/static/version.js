// @ts-check
/** The line with the version of WhatsApp Web that connections announce. */

import { by, write } from "./element.js";

/** @typedef {{version: string, source: string, ageDays: number, isOld: boolean, isRefused: boolean}} Version */

/** The source of a version. @type {Record<string, string>} */
const SOURCES = {
  "built-in": "built in",
  announced: "announced by WhatsApp",
  setting: "set by MOTTE_WHATSAPP_VERSION",
};

/** @param {Version} version */
export function showVersion({ version, source, ageDays, isOld, isRefused }) {
  const age = ageDays === 1 ? "1 day old" : `${ageDays} days old`;
  by("version").hidden = false;
  by("version").dataset.warns = String(isOld || isRefused);
  write(by("version-text"), `WhatsApp Web ${version}, ${SOURCES[source] ?? source}, ${age}`);
  write(by("version-trouble"), trouble(isOld, isRefused));
}

/** @param {boolean} isOld @param {boolean} isRefused */
function trouble(isOld, isRefused) {
  if (isRefused)
    return "WhatsApp refuses this version. Sessions reconnect automatically when Motte has a version that is accepted.";
  return isOld ? "WhatsApp may refuse this version soon. Run motte doctor on this host." : "";
}
