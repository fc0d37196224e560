// @ts-check
/** Requests to the API, with the cookie that the browser keeps. */

import { problemOf, unreachable } from "./problem.js";

/** CSRF protection: only pages of Motte can send this header. */
const OURS = { "X-Motte": "dashboard" };

/** Milliseconds that the clock of the server is ahead of this one. */
let ahead = 0;

/** The time of the server in milliseconds since 1970; the clock of this computer may be wrong. */
export function now() {
  return Date.now() + ahead;
}

/**
 * Sends a request and returns its successful response. If the login has expired, shows the login form.
 * @param {string} method
 * @param {string} path relative to the page: a proxy may add a prefix
 * @param {{body?: object, prefer?: string, key?: string}} [more] key: a request with the same key is done once
 * @returns {Promise<Response>}
 * @throws {import("./problem.js").Problem}
 */
export async function ask(method, path, { body, prefer, key } = {}) {
  const headers = new Headers(OURS);
  if (body) headers.set("Content-Type", "application/json");
  if (prefer) headers.set("Prefer", prefer);
  if (key) headers.set("Idempotency-Key", key);
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body), cache: "no-store" }).catch(
    () => {
      throw unreachable();
    },
  );
  readClock(response);
  if (response.status === 401 && document.body.dataset.login) location.reload();
  if (!response.ok) throw await problemOf(response);
  return response;
}

/**
 * Returns the address of a session.
 * @param {string} id
 */
export function at(id) {
  return `sessions/${encodeURIComponent(id)}`;
}

/**
 * `Date` has whole seconds: on average, half a second has passed since.
 * @param {Response} response
 */
function readClock(response) {
  const date = Date.parse(response.headers.get("Date") ?? "");
  if (date) ahead = date + 500 - Date.now();
  if (Math.abs(ahead) < 1000) ahead = 0; // Within the precision of `Date`.
}
