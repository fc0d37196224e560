// @ts-check
/** The last lines of the log of a session's process. */

import { ask, at } from "./api.js";
import { by, write } from "./element.js";
import { showError, clearNotice } from "./notice.js";

/** Lines that are shown. */
const LINES = 200;

/** Milliseconds between two reads while the page is visible. */
const OFTEN = 5000;

/** The id of the session whose log is shown; empty: none. */
let id = "";
let timer = 0;

by("log-again").addEventListener("click", () => void look());

/** Shows the log of a session; an empty id: none. @param {string} session_id */
export function showLog(session_id) {
  if (session_id === id) return;
  id = session_id;
  clearInterval(timer);
  write(by("log-lines"), "");
  clearNotice(by("log"));
  if (!id) return;
  timer = setInterval(() => document.hidden || void look(), OFTEN);
  void look();
}

async function look() {
  const wanted = id;
  try {
    const { lines } = await (await ask("GET", `${at(wanted)}/connector/log?limit=${LINES}`)).json();
    if (wanted !== id) return;
    clearNotice(by("log"));
    show(lines);
  } catch (error) {
    if (wanted === id) showError(by("log"), error, () => void look());
  }
}

/** Follows the end, unless the person has scrolled up. @param {string[]} lines */
function show(lines) {
  const shown = by("log-lines");
  const isAtEnd = shown.scrollTop + shown.clientHeight >= shown.scrollHeight - 8;
  write(shown, lines.join("\n") || "The process has written no lines.");
  if (isAtEnd) shown.scrollTop = shown.scrollHeight;
}
