// @ts-check
/** Who looks at the dashboard, and how they get in and out. */

import { ask } from "./api.js";
import { busy, by, input, part } from "./element.js";
import { complain, hush } from "./notice.js";
import { Problem } from "./problem.js";

/**
 * @typedef {object} Login
 * @property {string} key the name of it
 * @property {string[]} scopes
 * @property {string[] | null} sessions the ids that it is bound to; null: none
 */

/**
 * What the server wrote into the page; null: nobody is logged in.
 * @returns {Login | null}
 */
export function present() {
  const { login } = document.body.dataset;
  return login ? JSON.parse(login) : null;
}

/**
 * @param {Login} login
 * @param {string} scope
 */
export function may({ scopes }, scope) {
  return scopes.includes("admin") || scopes.includes(scope);
}

/** Ask for a key. The page that comes after it knows who is there. */
export function offer() {
  const form = by("login");
  by("entrance").hidden = false;
  input("key").focus();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(part(form, "button.primary"), () => enter(form));
  });
}

/** @param {HTMLElement} form */
async function enter(form) {
  hush(form);
  const key = input("key").value.trim();
  try {
    if (!key) throw new Problem({ title: "Enter an API key", detail: "", code: "", retryable: false });
    await ask("POST", "login", { body: { key } });
    location.reload();
  } catch (error) {
    complain(form, worded(error));
    input("key").select();
  }
}

/**
 * Who stands before this form needs no word about headers.
 * @param {unknown} error
 */
function worded(error) {
  if (!(error instanceof Problem) || error.code !== "unauthorized") return error;
  const detail = "Check that it was copied whole, and that it has not been revoked.";
  return new Problem({ title: "Motte does not know this key", detail, code: error.code, retryable: false });
}

/** Forget who was here. */
export async function leave() {
  await ask("POST", "logout");
  location.reload();
}
