// @ts-check
/** The connectors of the sessions: restarts and memory for operators. */

import { ask } from "./api.js";
import { Problem } from "./problem.js";

/** @typedef {{id: string, restarts: number, memory: number | null}} Connector */

/** Milliseconds from an event of a session to a read of its connector, which starts meanwhile. Events come in bursts. */
const SOON = 3000;

/** Milliseconds between two reads: memory grows and connectors restart without an event. */
const OFTEN = 15_000;

/**
 * Reads all connectors regularly while the page is visible, and a moment after each call of `soon`.
 * @param {(connectors: Map<string, Connector>) => void} tell
 * @param {(version: import("./version.js").Version) => void} tellVersion the version that connections announce, with each read
 */
export function watch(tell, tellVersion) {
  let timer = 0;
  setInterval(lookIfSeen, OFTEN);
  document.addEventListener("visibilitychange", lookIfSeen);
  void look();
  return { soon };

  function lookIfSeen() {
    if (!document.hidden) void look();
  }

  function soon() {
    timer ||= setTimeout(look, SOON);
  }

  /** If the read fails, the page shows none. */
  async function look() {
    clearTimeout(timer);
    timer = 0;
    try {
      const { items, whatsappVersion } = await (await ask("GET", "connectors")).json();
      tellVersion(whatsappVersion);
      tell(new Map(items.map((/** @type {Connector} */ item) => [item.id, item])));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      tell(new Map());
    }
  }
}
