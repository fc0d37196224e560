// @ts-check
/** What the page shows, as its own URL says: a reload, a link and the back button lead there. */

/**
 * @typedef {object} View
 * @property {string} session the id of the session whose page is shown; empty: the table
 * @property {string} webhooks `all`: the list of webhooks; the id of one: its page; empty: neither
 * @property {string} status the status that the table shows; empty: all
 * @property {string} search
 * @property {string} sort a column; `-` before it: descending; empty: attention first
 * @property {number} page from 1
 */

/** @type {View} */
const NOTHING = { session: "", webhooks: "", status: "", search: "", sort: "", page: 1 };

/** @type {((view: View, before: View) => void)[]} */
const listeners = [];

let before = view();

addEventListener("popstate", tell);
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element && event.target.closest("a[data-view]");
  const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (!(link instanceof HTMLAnchorElement) || !isPlain) return; // Another tab, for example.
  event.preventDefault();
  history.pushState(null, "", link.href);
  tell();
});

/** @returns {View} */
export function view() {
  const said = new URLSearchParams(location.search);
  const [session, webhooks, status, search, sort] = ["session", "webhooks", "status", "search", "sort"].map(
    (name) => said.get(name) ?? "",
  );
  const page = Math.max(1, Math.trunc(Number(said.get("page"))) || 1);
  return { session, webhooks, status, search, sort, page };
}

/**
 * Returns the address of a view. It is relative: a proxy may add a prefix.
 * @param {Partial<View>} change what differs from the current view
 */
export function href(change) {
  const wanted = Object.entries({ ...view(), ...change });
  const said = wanted.filter(([name, value]) => value !== NOTHING[/** @type {keyof View} */ (name)]);
  return said.length > 0 ? `?${new URLSearchParams(said.map(([name, value]) => [name, String(value)]))}` : "./";
}

/** Shows another view; the back button returns. @param {Partial<View>} change */
export function go(change) {
  history.pushState(null, "", href(change));
  tell();
}

/** Shows another view instead of this one. @param {Partial<View>} change */
export function adjust(change) {
  history.replaceState(null, "", href(change));
  tell();
}

/** @param {(view: View, before: View) => void} listener called after each change */
export function onView(listener) {
  listeners.push(listener);
}

function tell() {
  const now = view();
  const then = before;
  before = now;
  for (const listener of listeners) listener(now, then);
}
