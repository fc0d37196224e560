// @ts-check
/** The deliveries of a webhook: its last tries, its dead events, and replays. */

import { ask } from "./api.js";
import { by, input, refocus, write } from "./element.js";
import { Problem } from "./problem.js";
import { delivered } from "./webhook_words.js";

/** @typedef {import("./webhook_words.js").Delivery} Delivery */

/** Entries of each list. */
const PAGE_LIMIT = 50;

/** @param {(button: HTMLElement, work: () => Promise<string>) => Promise<void>} perform runs what a button does */
export function deliveries(perform) {
  /** The id of the webhook; empty: none. */
  let id = "";
  by("webhook-retry").addEventListener("click", () => void perform(by("webhook-retry"), retry));
  by("webhook-replay").addEventListener("submit", (event) => {
    event.preventDefault();
    void perform(by("webhook-replay"), replay);
  });
  return { open, look };

  /** @param {string} webhook_id */
  function open(webhook_id) {
    id = webhook_id;
    for (const name of ["replay-since", "replay-after"]) input(name).value = "";
    for (const list of ["webhook-waiting", "webhook-dead", "webhook-tries"]) show(list, []);
  }

  /** Reads the lists. Raises Problem. */
  async function look() {
    const wanted = id;
    const [waiting, dead, tries] = await Promise.all(["state=waiting&", "state=dead&", ""].map(read));
    if (wanted !== id) return;
    show("webhook-waiting", waiting);
    show("webhook-dead", dead);
    show("webhook-tries", tries);
    const hadFocus = document.activeElement === by("webhook-retry");
    by("webhook-retry").hidden = dead.length === 0;
    if (hadFocus) refocus();
  }

  /** @param {string} list @param {Delivery[]} all */
  function show(list, all) {
    by(`${list}-none`).hidden = all.length > 0;
    const texts = all.map(delivered);
    const where = by(list);
    if (where.dataset.shown === texts.join("\n")) return;
    where.dataset.shown = texts.join("\n");
    where.replaceChildren(...texts.map(entry));
  }

  async function retry() {
    const { dead } = await (await ask("POST", `${path()}/replay`, { body: { dead: true } })).json();
    return dead === 1 ? "One event is tried again." : `${dead} events are tried again.`;
  }

  async function replay() {
    const [since, after] = [input("replay-since").value, input("replay-after").value.trim()];
    if (!since === !after) {
      throw new Problem({ title: "Enter a moment or a cursor", detail: "", code: "", retryable: false });
    }
    const body = after ? { after } : { since: new Date(since).toISOString() };
    await ask("POST", `${path()}/replay`, { body });
    return "The events are delivered again.";
  }

  /** @param {string} state @returns {Promise<Delivery[]>} */
  async function read(state) {
    return (await (await ask("GET", `${path()}/deliveries?${state}limit=${PAGE_LIMIT}`)).json()).items;
  }

  function path() {
    return `webhooks/${encodeURIComponent(id)}`;
  }
}

/** @param {string} text */
function entry(text) {
  const item = document.createElement("li");
  write(item, text);
  return item;
}
