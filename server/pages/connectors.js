// @ts-check
/** The processes behind the sessions: what operators want to know beside. */

import { ask } from "./api.js";
import { Problem } from "./problem.js";

/** @typedef {{id: string, restarts: number, memory: number | null}} Connector */

/** Milliseconds from news of a session to a look at its process: it comes up meanwhile, and news come in bunches. */
const SOON = 3000;

/**
 * Looks at them all when asked, soon after.
 * @param {(connectors: Map<string, Connector>) => void} tell
 */
export function watch(tell) {
  let timer = 0;
  return { soon, now: look };

  function soon() {
    timer ||= setTimeout(look, SOON);
  }

  /** Where they cannot be had, the page does without. */
  async function look() {
    clearTimeout(timer);
    timer = 0;
    try {
      const { items } = await (await ask("GET", "connectors")).json();
      tell(new Map(items.map((/** @type {Connector} */ item) => [item.id, item])));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      tell(new Map());
    }
  }
}
