// @ts-check
/** The processes behind the sessions: what operators want to know beside. */

import { ask } from "./api.js";
import { Problem } from "./problem.js";

/** @typedef {{id: string, restarts: number, memory: number | null}} Connector */

/** Milliseconds from news of a session to a look at its process: it comes up meanwhile, and news come in bunches. */
const SOON = 3000;

/** Milliseconds between two looks: memory grows, and processes start anew, without any news. */
const OFTEN = 15_000;

/**
 * Looks at them all, again and again while the page is seen, and soon after it is asked to.
 * @param {(connectors: Map<string, Connector>) => void} tell
 * @param {(version: import("./version.js").Version) => void} tellVersion what links announce, with each look
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

  /** Where they cannot be had, the page does without. */
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
