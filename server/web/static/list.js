// @ts-check
/** The table of sessions, with its search, filter, order and pages. */

import { adjust, go, href, view } from "./address.js";
import { chips } from "./chips.js";
import { by, input, refocus, write } from "./element.js";
import { opened } from "./menu.js";
import { arrange } from "./order.js";
import { row } from "./row.js";

/** @typedef {import("./sessions.js").Session} Session */

/** Sessions on one page. */
const SIZE = 50;

/** Milliseconds between two updates of the ages. */
const AGEING = 15_000;

/** Milliseconds from a change to the table that shows it. Changes come in bursts. */
const SOON = 50;

/**
 * @param {Map<string, Session>} all
 * @param {import("./connectors.js").Connectors} connectors
 * @param {() => ReturnType<typeof row>} make makes a row
 */
export function list(all, connectors, make) {
  /** The rows of the page that is shown. @type {Map<string, ReturnType<typeof row>>} */
  const rows = new Map();
  let isDue = false;
  const search = input("search");
  const statuses = chips(by("chips"), (status) => go({ status, page: 1 }));
  const headers = /** @type {NodeListOf<HTMLElement>} */ (by("table").querySelectorAll("th[data-sort]"));
  search.addEventListener("input", () => adjust({ search: search.value.trim(), page: 1 }));
  by("all").addEventListener("click", showAll);
  for (const header of headers) header.addEventListener("click", () => go({ sort: next(header), page: 1 }));
  document.addEventListener("toggle", soon, { capture: true }); // A row does not move under an open menu.
  setInterval(() => rows.forEach(({ age }, id) => age(/** @type {Session} */ (all.get(id)))), AGEING);
  return { show, soon, row: (/** @type {string} */ id) => rows.get(id) };

  /** Updates the table once for many changes. */
  function soon() {
    if (isDue) return;
    isDue = true;
    setTimeout(show, SOON);
  }

  function show() {
    isDue = false;
    const wanted = view();
    const found = matching(wanted);
    const pages = Math.max(1, Math.ceil(found.length / SIZE));
    const page = Math.min(wanted.page, pages);
    arrange(found, wanted.sort, (id) => connectors.of(id) ?? undefined);
    place(found.slice((page - 1) * SIZE, page * SIZE));
    if (document.activeElement !== search) search.value = wanted.search;
    statuses.show(counts(), wanted.status);
    write(by("count"), found.length === all.size ? `${all.size || ""}` : `${found.length} of ${all.size}`);
    for (const header of headers) header.ariaSort = direction(header, wanted.sort);
    by("table").hidden = found.length === 0;
    by("none").hidden = found.length > 0 || all.size === 0;
    turn(page, pages);
  }

  /** @param {import("./address.js").View} wanted */
  function matching({ search, status }) {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    return [...all.values()].filter((session) => (!status || status === session.status) && has(session, words));
  }

  function counts() {
    /** @type {Record<string, number>} */
    const found = { "": all.size };
    for (const { status } of all.values()) found[status] = (found[status] ?? 0) + 1;
    return found;
  }

  /**
   * Shows these sessions. Rows that stay keep the focus.
   * @param {Session[]} shown
   */
  function place(shown) {
    const focused = document.activeElement;
    const isHeld = [...opened()].some((menu) => by("list").contains(menu));
    const ids = new Set(shown.map(({ id }) => id));
    for (const [id, { item }] of rows) {
      if (ids.has(id)) continue;
      item.remove();
      rows.delete(id);
    }
    let before = by("list").firstElementChild;
    for (const session of shown) {
      const known = rows.get(session.id);
      const made = known ?? make();
      rows.set(session.id, made);
      if (made.item === before) before = before.nextElementSibling;
      else if (!(known && isHeld)) by("list").insertBefore(made.item, before);
      made.show(session, connectors);
    }
    if (focused instanceof HTMLElement && by("table").contains(focused)) focused.focus({ preventScroll: true });
    if (focused !== document.body) refocus();
  }

  function showAll() {
    search.value = "";
    go({ search: "", status: "", page: 1 });
    search.focus();
  }
}

/** @param {number} page @param {number} pages */
function turn(page, pages) {
  by("pages").hidden = pages === 1;
  write(by("page"), `Page ${page} of ${pages}`);
  for (const [name, to] of /** @type {[string, number][]} */ ([
    ["earlier", page - 1],
    ["later", page + 1],
  ])) {
    const link = /** @type {HTMLAnchorElement} */ (by(name));
    if (to >= 1 && to <= pages) link.href = href({ page: to });
    else link.removeAttribute("href");
  }
}

/** Returns the order after a click on a column: ascending, descending, then attention first. @param {HTMLElement} header */
function next({ ariaSort, dataset }) {
  if (ariaSort === "ascending") return `-${dataset.sort}`;
  return ariaSort === "descending" ? "" : String(dataset.sort);
}

/** @param {HTMLElement} header @param {string} sort */
function direction({ dataset }, sort) {
  if (sort === dataset.sort) return "ascending";
  return sort === `-${dataset.sort}` ? "descending" : "none";
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
