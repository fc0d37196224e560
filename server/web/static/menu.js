// @ts-check
/** Menus that open over the page. One listener serves all of them. */

import { part } from "./element.js";

document.addEventListener("click", ({ target }) => {
  for (const menu of opened()) if (!(target instanceof Node && menu.contains(target))) menu.open = false;
});
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  for (const menu of opened()) close(menu);
});
document.addEventListener("focusout", ({ relatedTarget }) => {
  if (!(relatedTarget instanceof Node)) return;
  for (const menu of opened()) if (!menu.contains(relatedTarget)) menu.open = false;
});
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (target instanceof HTMLDetailsElement && target.matches(".menu")) {
      target.classList.toggle("up", target.open && isBelowLess(target));
    }
  },
  { capture: true }, // It does not bubble.
);

/** Closes a menu. Its button gets the focus. @param {HTMLDetailsElement} menu */
export function close(menu) {
  menu.open = false;
  part(menu, "summary").focus();
}

/** @returns {NodeListOf<HTMLDetailsElement>} */
export function opened() {
  return document.querySelectorAll(".menu[open]");
}

/** Whether an open menu has no room below it, and more above. @param {HTMLElement} menu */
function isBelowLess(menu) {
  const { top, bottom } = menu.getBoundingClientRect();
  const below = innerHeight - bottom;
  return below < part(menu, "div").offsetHeight + 8 && top > below;
}
