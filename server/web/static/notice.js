// @ts-check
/** Something that went wrong, said where it matters, with a way to try again. */

import { copy, part, write } from "./element.js";
import { Problem } from "./problem.js";

/**
 * Say what went wrong, in place of what was said there before. What is no problem is a bug, and left to the console.
 * @param {Element} where something that holds a place for notices
 * @param {unknown} error
 * @param {(() => void) | null} [again]
 * @param {string} [about] what was wanted
 */
export function complain(where, error, again = null, about = "") {
  if (!(error instanceof Problem)) throw error;
  const notice = copy("notice");
  const { title, detail } = worded(where, error);
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
  // A screen reader reads out what is put there, the same words too.
  if (said.textContent !== notice.textContent) said.replaceChildren(notice);
}

/**
 * Rules that were broken in a form are said of its fields, by the names that people read there.
 * @param {Element} where
 * @param {Problem} error
 */
function worded(where, { title, detail, errors }) {
  const rules = errors.map((breach) => rule(where, breach));
  if (rules.length > 0 && rules.every((said) => said !== null)) return { title: rules.join(". "), detail: "" };
  // Where a sentence goes on, it is seen to.
  return { title: /^\p{Ll}/u.test(detail) ? `${title}:` : title, detail };
}

/**
 * `Id: must be 1 to 64 letters, …`; null: no field here is meant. A field that takes more than the API has a rule of its own.
 * @param {Element} where
 * @param {import("./problem.js").Breach} breach
 */
function rule(where, { pointer, detail }) {
  const field = where.querySelector(`input[data-pointer="${CSS.escape(pointer)}"]`);
  if (!(field instanceof HTMLInputElement)) return null;
  return `${field.labels?.[0]?.firstChild?.textContent?.trim()}: ${field.dataset.rule ?? detail}`;
}

/** @param {Element} where */
export function hush(where) {
  place(where).replaceChildren();
}

/** @param {Element} where */
function place(where) {
  return where.matches("[data-notice]") ? where : part(where, "[data-notice]");
}
