// @ts-check
/** The connectors of the sessions: their processes, restarts and memory for operators. */

import { ask } from "./api.js";
import { Problem } from "./problem.js";

/** @typedef {{id: string, state: string, pid: number | null, restarts: number, uptime: number | null, memory: number | null}} Connector */
/** @typedef {{of: (id: string) => Connector | null | undefined}} Connectors null: there is no process; undefined: not known yet */

/** Milliseconds from an event of a session to a read of its connector, which starts meanwhile. Events come in bursts. */
const SOON = 3000;

/** Milliseconds between two reads: memory grows and connectors restart without an event. */
const OFTEN = 15_000;

/** Statuses in which the process has ended, or will in a moment. */
const ENDED = ["stopped", "logged_out", "failed"];

/** What is known of a process that has ended. */
const ASLEEP = { state: "asleep", pid: null, uptime: null, memory: null };

/**
 * Reads all connectors regularly while the page is visible, and a moment after each event.
 * @param {() => void} tell called after each read
 * @param {(version: import("./version.js").Version) => void} tellVersion the version that connections announce, with each read
 */
export function watch(tell, tellVersion) {
  let timer = 0;
  /** Null: not known yet. @type {Map<string, Connector> | null} */
  let known = null;
  setInterval(lookIfSeen, OFTEN);
  document.addEventListener("visibilitychange", lookIfSeen);
  void look();
  return { of, told };

  /** @param {string} id */
  function of(id) {
    return known ? (known.get(id) ?? null) : undefined;
  }

  /**
   * A process that has ended has no memory, even before the next read.
   * @param {import("./sessions.js").Session} session
   * @param {import("./sessions.js").Session | undefined} before
   */
  function told({ id, status }, before) {
    const connector = known?.get(id);
    if (connector && before?.status !== status && ENDED.includes(status)) known?.set(id, { ...connector, ...ASLEEP });
    timer ||= setTimeout(look, SOON);
  }

  function lookIfSeen() {
    if (!document.hidden) void look();
  }

  /** If the read fails, the page shows none. */
  async function look() {
    clearTimeout(timer);
    timer = 0;
    try {
      const { items, whatsappVersion } = await (await ask("GET", "connectors")).json();
      tellVersion(whatsappVersion);
      known = new Map(items.map((/** @type {Connector} */ item) => [item.id, item]));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      known = new Map();
    }
    tell();
  }
}
