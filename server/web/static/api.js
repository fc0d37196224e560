// @ts-check
/** Requests to the API, with the cookie that the browser keeps. */

import { problemOf, unreachable } from "./problem.js";

/** Says that one of Motte's own pages asks; no other page can. */
const OURS = { "X-Motte": "dashboard" };

/** Milliseconds that the server's clock is ahead of this one. */
let ahead = 0;

/** The server's time in milliseconds since 1970; the clock of whoever looks at this may be wrong. */
export function now() {
  return Date.now() + ahead;
}

/**
 * The answer, once it is a success. A login that is over ends at the page where one logs in.
 * @param {string} method
 * @param {string} path relative to the page, since a proxy may put something before it
 * @param {{body?: object, prefer?: string}} [more]
 * @returns {Promise<Response>}
 * @throws {import("./problem.js").Problem}
 */
export async function ask(method, path, { body, prefer } = {}) {
  const headers = new Headers(OURS);
  if (body) headers.set("Content-Type", "application/json");
  if (prefer) headers.set("Prefer", prefer);
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body), cache: "no-store" }).catch(
    () => {
      throw unreachable();
    },
  );
  readClock(answer);
  if (answer.status === 401 && document.body.dataset.login) location.reload();
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

/**
 * A session's address.
 * @param {string} id
 */
export function at(id) {
  return `sessions/${encodeURIComponent(id)}`;
}

/**
 * `Date` has whole seconds: on average half of one has gone by.
 * @param {Response} answer
 */
function readClock(answer) {
  const said = Date.parse(answer.headers.get("Date") ?? "");
  if (said) ahead = said + 500 - Date.now();
  if (Math.abs(ahead) < 1000) ahead = 0; // What cannot be told from an exact clock.
}
