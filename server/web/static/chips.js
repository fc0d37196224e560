// @ts-check
/** The statuses as chips with counts, which filter the table. */

import { write } from "./element.js";
import { STATUSES } from "./words.js";

/**
 * @param {HTMLElement} where
 * @param {(status: string) => void} choose called with a status; empty: all
 */
export function chips(where, choose) {
  const made = new Map([["", "All"], ...Object.entries(STATUSES)].map(([status, word]) => [status, chip(word)]));
  for (const [status, { button }] of made) button.addEventListener("click", () => choose(status));
  where.append(...[...made.values()].map(({ button }) => button));
  return { show };

  /**
   * Shows the counts. A status that no session has is not offered.
   * @param {Record<string, number>} counts by status; empty: of all
   * @param {string} chosen
   */
  function show(counts, chosen) {
    for (const [status, { button, count }] of made) {
      button.hidden = !counts[status] && status !== chosen && status !== "";
      button.ariaPressed = String(status === chosen);
      write(count, String(counts[status] ?? 0));
    }
  }
}

/** @param {string} word */
function chip(word) {
  const button = document.createElement("button");
  const count = document.createElement("span");
  button.type = "button";
  button.append(`${word} `, count);
  return { button, count };
}
