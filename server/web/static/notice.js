// @ts-check
/** Error messages next to what they concern, with a button to try again. */

import { copy, part, write } from "./element.js";
import { Problem } from "./problem.js";

/**
 * Shows an error instead of the previous one. An error that is not a Problem is a bug: it goes to the console.
 * @param {Element} where an element that contains a place for notices
 * @param {unknown} error
 * @param {(() => void) | null} [again]
 * @param {string} [about] what the request was about
 */
export function showError(where, error, again = null, about = "") {
  if (!(error instanceof Problem)) throw error;
  const notice = copy("notice");
  const { title, detail } = texts(where, error);
  write(part(notice, "strong"), about ? `${about}: ${title}` : title);
  write(part(notice, "p"), detail);
  const button = part(notice, ".again");
  button.hidden = again === null || !error.retryable;
  button.addEventListener("click", () => {
    notice.remove();
    again?.();
  });
  part(notice, ".quiet").addEventListener("click", () => notice.remove());
  const said = place(where);
  // Not the same text again: a screen reader would read it out again.
  if (said.textContent !== notice.textContent) said.replaceChildren(notice);
}

/**
 * Returns title and detail. Broken rules of a form name its fields by their labels.
 * @param {Element} where
 * @param {Problem} error
 */
function texts(where, { title, detail, errors }) {
  const rules = errors.map((breach) => rule(where, breach));
  if (rules.length > 0 && rules.every((said) => said !== null)) return { title: rules.join(". "), detail: "" };
  // A detail in lower case continues the sentence of the title.
  return { title: /^\p{Ll}/u.test(detail) ? `${title}:` : title, detail };
}

/**
 * `Id: must be 1 to 64 letters, …`; null: the form has no such field. A field that accepts more than the API has a rule of its own.
 * @param {Element} where
 * @param {import("./problem.js").Breach} breach
 */
function rule(where, { pointer, detail }) {
  const field = where.querySelector(`input[data-pointer="${CSS.escape(pointer)}"]`);
  if (!(field instanceof HTMLInputElement)) return null;
  return `${field.labels?.[0]?.firstChild?.textContent?.trim()}: ${field.dataset.rule ?? detail}`;
}

/** @param {Element} where */
export function clearNotice(where) {
  place(where).replaceChildren();
}

/** @param {Element} where */
function place(where) {
  return where.matches("[data-notice]") ? where : part(where, "[data-notice]");
}
