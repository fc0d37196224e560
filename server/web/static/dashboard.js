// @ts-check
/** The dashboard: who is there, the sessions, and what is done with them. */

import { ask, at } from "./api.js";
import { showCode } from "./code.js";
import { watch } from "./connectors.js";
import { create } from "./creation.js";
import { busy, by, write } from "./element.js";
import { list } from "./list.js";
import { leave, may, offer, present } from "./login.js";
import { rename } from "./naming.js";
import { complain, hush } from "./notice.js";
import { Problem } from "./problem.js";
import { confirmed } from "./question.js";
import { keep } from "./sessions.js";
import { showVersion } from "./version.js";
import { quoted, STATUSES } from "./words.js";

/** @typedef {import("./sessions.js").Session} Session */

/** What is said until the stream is back. */
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
    complain(by("trouble"), error, () => void sessions.load());
  }

  /**
   * @param {import("./deeds.js").Deed} deed
   * @param {Session} session
   * @param {HTMLElement} row
   */
  async function choose(deed, session, row) {
    if (deed.isNaming) return rename(session, sessions.put);
    if (!deed.verb) return showCode(session, canWrite);
    if (deed.question && !(await confirmed(deed.question(session)))) return;
    await busy(row, () => perform(deed, session, row));
  }

  /**
   * @param {import("./deeds.js").Deed} deed
   * @param {Session} session
   * @param {HTMLElement} row
   */
  async function perform(deed, session, row) {
    hush(by("notices"));
    try {
      if (deed.verb === "delete") return void (await ask("DELETE", at(session.id)));
      const after = await (await ask("POST", `${at(session.id)}/${deed.verb}`, { body: deed.body })).json();
      sessions.put(after);
      const wantsCode = deed.isFirst || deed.body;
      if (wantsCode && ["starting", "qr_waiting"].includes(after.status)) showCode(after, canWrite);
    } catch (error) {
      complain(by("notices"), error, () => busy(row, () => perform(deed, session, row)), quoted(session));
    }
  }
}

/** @param {unknown} error */
function fail(error) {
  complain(by("notices"), error);
}

function live() {
  hush(by("trouble"));
  link(true, "Live");
}

function lost() {
  link(false, AGAIN);
}

/**
 * @param {boolean} isLive whether what is shown is how things are
 * @param {string} text
 */
function link(isLive, text) {
  by("link").dataset.live = String(isLive);
  write(by("link"), text);
}
