// @ts-check
/** The list of sessions, with its search and its filter. */

import { by, input, write } from "./element.js";
import { row, withoutConnector } from "./row.js";
import { LOADING, NOTHING, STATUSES } from "./words.js";

/** @typedef {import("./sessions.js").Session} Session */

/** Milliseconds between two updates of the ages. */
const AGEING = 15_000;

/**
 * @param {Map<string, Session>} all
 * @param {boolean} canWrite
 * @param {(action: import("./deeds.js").Action, session: Session, row: HTMLElement) => void} choose
 */
export function list(all, canWrite, choose) {
  /** @type {Map<string, ReturnType<typeof row>>} */
  const rows = new Map();
  /** Null: not known yet. @type {Map<string, import("./connectors.js").Connector> | null} */
  let connectors = null;
  let isDue = false;
  const search = input("search");
  const status = /** @type {HTMLSelectElement} */ (by("status"));
  const choices = new Map([["", new Option("All", "")]]);
  for (const [value, word] of Object.entries(STATUSES)) choices.set(value, new Option(word, value));
  status.append(...choices.values());
  search.addEventListener("input", sift);
  status.addEventListener("change", sift);
  by("all").addEventListener("click", showAll);
  setInterval(() => rows.forEach(({ age }, id) => age(/** @type {Session} */ (all.get(id)), undefined)), AGEING);
  return { show, drop, soon, showAll, connected, find: (/** @type {string} */ id) => rows.get(id)?.item };

  /** @param {Session} session */
  function show(session) {
    let shown = rows.get(session.id);
    if (!shown) {
      const { id } = session;
      shown = row(canWrite, (action, item) => choose(action, /** @type {Session} */ (all.get(id)), item));
      withoutConnector(shown.item, connectors ? NOTHING : LOADING);
      rows.set(id, shown);
      put(session, shown.item);
    }
    shown.show(session);
    shown.age(session, connectors?.get(session.id));
  }

  /** Inserts the row: the oldest first, like the API. Searches from the end, because most new rows belong there. */
  function put(/** @type {Session} */ session, /** @type {HTMLElement} */ item) {
    item.dataset.order = `${session.createdAt} ${session.id}`;
    let before = by("list").lastElementChild;
    while (before instanceof HTMLElement && String(before.dataset.order) > item.dataset.order) {
      before = before.previousElementSibling;
    }
    if (before) before.after(item);
    else by("list").prepend(item);
  }

  /** @param {string} id */
  function drop(id) {
    const item = rows.get(id)?.item;
    if (item?.contains(document.activeElement)) by("sessions").focus();
    item?.remove();
    rows.delete(id);
  }

  /** Updates the list once for many changes. @param {boolean} isWhole whether all sessions are known */
  function soon(isWhole) {
    by("loading").hidden = isWhole || all.size > 0;
    by("filters").hidden = all.size === 0;
    by("empty").hidden = !isWhole || all.size > 0;
    if (isDue) return;
    isDue = true;
    setTimeout(sift, 50);
  }

  function sift() {
    isDue = false;
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    /** @type {Record<string, number>} */
    const counts = {};
    let seen = 0;
    for (const [id, session] of all) {
      counts[session.status] = (counts[session.status] ?? 0) + 1;
      const fits = (!status.value || status.value === session.status) && has(session, words);
      const item = rows.get(id)?.item;
      if (item) item.hidden = !fits;
      seen += Number(fits);
    }
    for (const [value, word] of Object.entries(STATUSES)) {
      write(/** @type {Element} */ (choices.get(value)), `${word} (${counts[value] ?? 0})`);
    }
    write(/** @type {Element} */ (choices.get("")), `Every status (${all.size})`);
    write(by("count"), seen === all.size ? `${all.size || ""}` : `${seen} of ${all.size}`);
    by("none").hidden = seen > 0 || all.size === 0;
  }

  function showAll() {
    search.value = status.value = "";
    sift();
    search.focus();
  }

  /** Shows what is known of the connectors. */
  function connected(/** @type {NonNullable<typeof connectors>} */ known) {
    connectors = known;
    for (const [id, { item, age }] of rows) {
      if (known.has(id)) age(/** @type {Session} */ (all.get(id)), known.get(id));
      else withoutConnector(item);
    }
  }
}

/**
 * Whether the session contains every word of the search.
 * @param {Session} session
 * @param {string[]} words
 */
function has({ id, name, phoneNumber, pushName }, words) {
  const text = [id, name, phoneNumber && `+${phoneNumber}`, pushName].join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
}
