// @ts-check
/** One session in the list. */

import { now } from "./api.js";
import { possible } from "./deeds.js";
import { copy, part, write } from "./element.js";
import { ago, called, NOTHING, quoted, size, span, STATUSES } from "./words.js";

/** @typedef {import("./sessions.js").Session} Session */
/** @typedef {import("./deeds.js").Action} Action */

/** The beginning of the address of each status symbol. */
const MARK = "#mark-";

/**
 * Returns a row with functions that update it.
 * @param {boolean} canWrite
 * @param {(action: Action, row: HTMLElement) => void} choose called with the chosen action
 */
export function row(canWrite, choose) {
  const item = copy("row");
  const first = part(item, ".first");
  const menu = /** @type {HTMLDetailsElement} */ (part(item, ".menu"));
  /** @type {Action | null} */
  let offered = null;
  first.addEventListener("click", () => offered && choose(offered, item));
  closes(menu);
  menu.addEventListener("toggle", () => menu.classList.toggle("up", menu.open && isBelowLess(menu)));
  return { item, show, age };

  /** @param {Session} session */
  function show(session) {
    const { status, name, id, phoneNumber, pushName, statusReason } = session;
    item.dataset.status = status;
    part(item, "use").setAttribute("href", MARK + status);
    write(part(item, ".status span"), STATUSES[status]);
    write(part(item, "h3"), called(session));
    write(part(item, "code"), name === null ? "" : id);
    write(part(item, ".menu .unseen"), `More for ${quoted(session)}`);
    fact("number", phoneNumber === null ? NOTHING : `+${phoneNumber}${pushName ? ` ${pushName}` : ""}`);
    const reason = part(item, ".reason");
    write(reason, statusReason?.detail ?? "");
    reason.hidden = statusReason === null || status === "connected";
    offer(session);
    age(session, undefined);
  }

  /**
   * Updates the ages, and what is known of the connector.
   * @param {Session} session
   * @param {import("./connectors.js").Connector | undefined} connector
   */
  function age({ status, createdAt, connectedAt, updatedAt }, connector) {
    fact("age", span(now() - Date.parse(createdAt)));
    moment("age", createdAt);
    const isOpen = status === "connected" && connectedAt !== null;
    fact("connected", isOpen ? span(now() - Date.parse(connectedAt)) : NOTHING);
    fact("changed", ago(now() - Date.parse(updatedAt)));
    moment("changed", updatedAt);
    if (connector === undefined) return;
    fact("restarts", String(connector.restarts));
    fact("memory", connector.memory === null ? NOTHING : size(connector.memory));
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  function fact(name, text) {
    write(part(item, `[data-fact="${name}"]`), text);
  }

  /**
   * Shows the exact time as a tooltip.
   * @param {string} name
   * @param {string} when
   */
  function moment(name, when) {
    part(item, `[data-fact="${name}"]`).title = new Date(when).toLocaleString();
  }

  /** @param {Session} session */
  function offer(session) {
    const { first: best, others } = possible(session, canWrite);
    offered = best;
    first.hidden = best === null;
    write(first, best?.name ?? "");
    first.setAttribute("aria-label", best ? `${best.name}: ${quoted(session)}` : "");
    menu.hidden = others.length === 0;
    const names = others.map(({ name }) => name).join();
    if (menu.dataset.names === names) return; // Keeps the focus.
    menu.dataset.names = names;
    part(menu, "div").replaceChildren(...others.map(button));
  }

  /** @param {Action} action */
  function button(action) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = action.name;
    made.classList.toggle("bad", Boolean(action.isDestructive));
    made.addEventListener("click", () => {
      menu.open = false;
      part(menu, "summary").focus();
      choose(action, item);
    });
    return made;
  }
}

/**
 * Shows that the connector is not known.
 * @param {HTMLElement} item
 * @param {string} [instead]
 */
export function withoutConnector(item, instead = NOTHING) {
  for (const name of ["restarts", "memory"]) write(part(item, `[data-fact="${name}"]`), instead);
}

/** Whether an open menu has no room below it, and more above. @param {HTMLElement} menu */
function isBelowLess(menu) {
  const { top, bottom } = menu.getBoundingClientRect();
  const below = innerHeight - bottom;
  return below < part(menu, "div").offsetHeight + 8 && top > below;
}

/**
 * Closes the menu with Escape, and when the focus or a click is elsewhere.
 * @param {HTMLDetailsElement} menu
 */
function closes(menu) {
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    part(menu, "summary").focus();
  });
  menu.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !menu.contains(relatedTarget)) menu.open = false;
  });
  document.addEventListener("click", ({ target }) => {
    if (target instanceof Node && !menu.contains(target)) menu.open = false;
  });
}
