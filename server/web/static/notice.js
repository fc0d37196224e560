// @ts-check
/** Error messages next to what they concern, with a button to try again. */

import { copy, part, refocus, write } from "./element.js";
import { Problem } from "./problem.js";

/**
 * Shows an error instead of the previous one. An error that is not a Problem is a bug: it goes to the console.
 * @param {Element} where an element that contains a place for notices
 * @param {unknown} error
 * @param {(() => void) | null} [again]
 * @param {string} [about] what was requested of what: `Stop “shop”`
 */
export function showError(where, error, again = null, about = "") {
  if (!(error instanceof Problem)) throw error;
  const notice = copy("notice");
  notice.dataset.about = about;
  notice.dataset.passes = String(error.passes);
  const { title, detail } = texts(where, error);
  write(part(notice, "strong"), about ? `${about}: ${title}` : title);
  write(part(notice, "p"), detail);
  const button = part(notice, ".again");
  button.hidden = again === null || !error.retryable;
  button.addEventListener("click", () => {
    remove(notice);
    again?.();
  });
  part(notice, ".quiet").addEventListener("click", () => remove(notice));
  const said = place(where);
  // Not the same text again: a screen reader would read it out again.
  if (said.textContent !== notice.textContent) said.replaceChildren(notice);
}

/**
 * Returns title and detail. Broken rules of a form name its fields by their labels.
 * @param {Element} where
 * @param {Problem} error
 */
function texts(where, { title, detail, sentence, errors }) {
  const rules = errors.map((breach) => rule(where, breach));
  if (rules.length > 0 && rules.every((said) => said !== null)) return { title: rules.join(". "), detail: "" };
  if (sentence) return { title: sentence, detail: "" };
  return { title: /^\p{Ll}/u.test(detail) ? `${title}:` : title, detail };
}

/**
 * `Id: must be 1 to 64 letters, …`; null: the form has no such field. A field that accepts more than the API has a rule of its own.
 * @param {Element} where
 * @param {import("./problem.js").Breach} breach
 */
function rule(where, { pointer, detail }) {
  const field = where.querySelector(`[data-pointer="${CSS.escape(pointer)}"]`);
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return null;
  return `${field.labels?.[0]?.firstChild?.textContent?.trim()}: ${field.dataset.rule ?? detail}`;
}

/** Motte can be reached again: errors that say otherwise are no longer true. Their requests can be sent again. */
export function recover() {
  /** @type {NodeListOf<HTMLElement>} */
  const outdated = document.querySelectorAll('[data-notice] > [data-passes="true"]');
  for (const notice of outdated) {
    const { about } = notice.dataset;
    write(part(notice, "strong"), `${about || "The request"} was interrupted`);
    write(part(notice, "p"), "Motte could not be reached for a moment.");
  }
}

/** @param {Element} notice */
function remove(notice) {
  notice.remove();
  refocus();
}

/** @param {Element} where */
export function clearNotice(where) {
  place(where).replaceChildren();
}

/** @param {Element} where */
function place(where) {
  return where.matches("[data-notice]") ? where : part(where, "[data-notice]");
}
