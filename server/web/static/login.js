// @ts-check
/** The login of the browser. */

import { ask } from "./api.js";
import { busy, by, input, part } from "./element.js";
import { showError, clearNotice } from "./notice.js";
import { Problem } from "./problem.js";

/**
 * @typedef {object} Login
 * @property {string} key the name of the API key
 * @property {string[]} scopes
 * @property {string[] | null} sessions the ids that the key is bound to; null: it may see every session
 */

/** The other tabs with the dashboard: they have the same cookie. */
const tabs = new BroadcastChannel("motte-login");
tabs.addEventListener("message", () => location.reload());

/**
 * Returns the login that the server wrote into the page; null if there is no login.
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

/** Shows the login form. After the login, the page loads again. */
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
  clearNotice(form);
  const key = input("key").value.trim();
  try {
    if (!key) throw new Problem({ title: "Enter an API key", detail: "", code: "", retryable: false });
    await ask("POST", "login", { body: { key } });
    tabs.postMessage("login");
    location.reload();
  } catch (error) {
    showError(form, withPlainDetail(error));
    input("key").select();
  }
}

/**
 * Replaces the detail about headers, which does not help in this form.
 * @param {unknown} error
 */
function withPlainDetail(error) {
  if (!(error instanceof Problem) || error.code !== "unauthorized") return error;
  const detail = "Check that you copied the whole key, and that it has not been revoked.";
  return new Problem({ title: "This key is not valid", detail, code: error.code, retryable: false });
}

/** Ends the login. */
export async function leave() {
  await ask("POST", "logout");
  tabs.postMessage("logout");
  location.reload();
}
