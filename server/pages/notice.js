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
  write(part(notice, "strong"), about ? `${about}: ${error.title}` : error.title);
  write(part(notice, "p"), error.detail);
  const button = part(notice, ".again");
  button.hidden = again === null || !error.retryable;
  button.addEventListener("click", () => {
    notice.remove();
    again?.();
  });
  part(notice, ".quiet").addEventListener("click", () => notice.remove());
  place(where).replaceChildren(notice);
}

/** @param {Element} where */
export function hush(where) {
  place(where).replaceChildren();
}

/** @param {Element} where */
function place(where) {
  return where.matches("[data-notice]") ? where : part(where, "[data-notice]");
}
