// @ts-check
/** The dashboard: the login, the sessions, and the actions on them. */

import { ask, at } from "./api.js";
import { showCode } from "./code.js";
import { watch } from "./connectors.js";
import { create } from "./creation.js";
import { busy, by, write } from "./element.js";
import { list } from "./list.js";
import { leave, may, offer, present } from "./login.js";
import { rename } from "./naming.js";
import { showError, clearNotice } from "./notice.js";
import { Problem } from "./problem.js";
import { confirmed } from "./question.js";
import { keep } from "./sessions.js";
import { showVersion } from "./version.js";
import { quoted, STATUSES } from "./words.js";

/** @typedef {import("./sessions.js").Session} Session */

/** Shown until the stream is connected again. */
const AGAIN = "Connection lost. Trying again…";

document.documentElement.classList.add("js");
for (const button of document.querySelectorAll("[data-close]")) {
  button.addEventListener("click", () => button.closest("dialog")?.close());
}
const login = present();
if (login === null) offer();
else open(login);

/** @param {import("./login.js").Login} login */
function open(login) {
  const canWrite = may(login, "sessions:write");
  by("board").hidden = false;
  write(by("who"), `Key ${login.key}`);
  by("leave").addEventListener("click", () => busy(by("leave"), () => leave().catch((error) => fail(error))));

  const sessions = keep({ told, deleted, changed, open: live, lost, refused, failed });
  const shown = list(sessions.all, canWrite, choose);
  const processes = watch(shown.connected, showVersion);
  for (const name of ["new", "first"]) {
    by(name).hidden = !canWrite;
    by(name).addEventListener("click", () => create(login.sessions, made));
  }

  /**
   * @param {Session} session
   * @param {Session | undefined} before
   */
  function told(session, before) {
    shown.show(session);
    processes.soon();
    if (before && before.status !== session.status) {
      write(by("news"), `${quoted(session)}: ${STATUSES[session.status]}`);
    }
  }

  /** @param {Session} session */
  function deleted(session) {
    shown.drop(session.id);
    write(by("news"), `${quoted(session)} was deleted`);
  }

  function changed() {
    shown.soon(sessions.isWhole);
  }

  /** @param {Session} session */
  function made(session) {
    sessions.put(session);
    showCode(session, canWrite);
  }

  /** @param {unknown} error */
  function refused(error) {
    link(false, error instanceof Problem && error.isFinal ? "Not connected" : AGAIN);
    failed(error);
  }

  /** @param {unknown} error */
  function failed(error) {
    by("loading").hidden = true;
    showError(by("trouble"), error, () => void sessions.load());
  }

  /**
   * @param {import("./deeds.js").Action} action
   * @param {Session} session
   * @param {HTMLElement} row
   */
  async function choose(action, session, row) {
    if (action.isNaming) return rename(session, sessions.put);
    if (!action.verb) return showCode(session, canWrite);
    if (action.question && !(await confirmed(action.question(session)))) return;
    await busy(row, () => perform(action, session, row));
  }

  /**
   * @param {import("./deeds.js").Action} action
   * @param {Session} session
   * @param {HTMLElement} row
   */
  async function perform(action, session, row) {
    clearNotice(by("notices"));
    try {
      if (action.verb === "delete") return void (await ask("DELETE", at(session.id)));
      const after = await (await ask("POST", `${at(session.id)}/${action.verb}`, { body: action.body })).json();
      sessions.put(after);
      const wantsCode = action.isFirst || action.body;
      if (wantsCode && ["starting", "qr_waiting"].includes(after.status)) showCode(after, canWrite);
    } catch (error) {
      showError(by("notices"), error, () => busy(row, () => perform(action, session, row)), quoted(session));
    }
  }
}

/** @param {unknown} error */
function fail(error) {
  showError(by("notices"), error);
}

function live() {
  clearNotice(by("trouble"));
  link(true, "Live");
}

function lost() {
  link(false, AGAIN);
}

/**
 * @param {boolean} isLive whether the list is up to date
 * @param {string} text
 */
function link(isLive, text) {
  by("link").dataset.live = String(isLive);
  write(by("link"), text);
}
