// @ts-check
/** The dashboard: the login, the sessions, and the actions on them. */

import { href, onView, view } from "./address.js";
import { showCode } from "./code.js";
import { watch } from "./connectors.js";
import { create } from "./creation.js";
import { busy, by, refocus, write } from "./element.js";
import { forget, note } from "./history.js";
import { list } from "./list.js";
import { leave, may, offer, present } from "./login.js";
import { clearNotice, recover, showError } from "./notice.js";
import { performing } from "./performing.js";
import { Problem } from "./problem.js";
import { row } from "./row.js";
import { sessionPage } from "./session_page.js";
import { keep } from "./sessions.js";
import { showVersion } from "./version.js";
import { ALL, webhooks } from "./webhooks.js";
import { called, quoted, STATUSES } from "./words.js";

/** @typedef {import("./sessions.js").Session} Session */

/** Shown until the stream is connected again. */
const AGAIN = "Connection lost. Trying again…";

document.documentElement.classList.add("js");
for (const button of document.querySelectorAll("[data-close]")) {
  button.addEventListener("click", () => button.closest("dialog")?.close());
}
for (const dialog of document.querySelectorAll("dialog")) dialog.addEventListener("close", refocus);
const login = present();
if (login === null) offer();
else open(login);

/** @param {import("./login.js").Login} login */
function open(login) {
  const canWrite = may(login, "sessions:write");
  by("board").hidden = false;
  write(by("who"), `Key ${login.key}`);
  by("leave").addEventListener("click", () => busy(by("leave"), () => leave().catch((error) => fail(error))));

  const heard = { messaged, missed: () => page.missed() };
  const sessions = keep({ told, deleted, changed, whole, open: live, lost, refused, failed, ...heard });
  const find = (/** @type {string} */ id) => sessions.all.get(id);
  const choose = performing(find, sessions.put, canWrite);
  const connectors = watch(processes, showVersion);
  const table = list(sessions.all, connectors, () => row(canWrite, choose));
  const rights = { canWrite, canSend: may(login, "messages:write"), isAdmin: may(login, "admin") };
  const page = sessionPage(find, connectors, { ...rights, isWhole: () => sessions.isWhole }, choose);
  const canSeeWebhooks = may(login, "webhooks");
  const hooks = webhooks(login.sessions);
  by("to-webhooks").hidden = !canSeeWebhooks;
  for (const name of ["new", "first"]) {
    by(name).hidden = !canWrite;
    by(name).addEventListener("click", () => create(login.sessions, made));
  }
  onView(turn);
  place();

  /**
   * @param {Session} session
   * @param {Session | undefined} before
   */
  function told(session, before) {
    note(session, before);
    connectors.told(session, before);
    if (before && before.status !== session.status) {
      write(by("news"), `${quoted(session)}: ${STATUSES[session.status]}`);
    }
  }

  /** @param {string} id @param {import("./message_words.js").Message} message */
  function messaged(id, message) {
    page.messaged(id, message);
  }

  /** @param {Session} session */
  function deleted(session) {
    forget(session.id);
    write(by("news"), `${quoted(session)} was deleted`);
  }

  function changed() {
    const { size } = sessions.all;
    by("loading").hidden = sessions.isWhole || size > 0;
    by("filters").hidden = size === 0;
    by("empty").hidden = !sessions.isWhole || size > 0;
    table.soon();
    showPage();
  }

  function processes() {
    table.show();
    showPage();
  }

  /** Shows the table, or the page of the session or of the webhooks in the URL. */
  function place() {
    const { session, webhooks } = here();
    by("overview").hidden = (session || webhooks) !== "";
    page.open(session);
    hooks.open(webhooks);
    /** @type {HTMLAnchorElement} */ (by("to-webhooks")).href = href({ session: "", webhooks: ALL });
    /** @type {HTMLAnchorElement} */ (by("webhooks-back")).href = href({ webhooks: "" });
    table.show();
    name();
  }

  /**
   * @param {import("./address.js").View} now
   * @param {import("./address.js").View} before
   */
  function turn(now, before) {
    place();
    if (now.session === before.session && now.webhooks === before.webhooks) return;
    if (now.session) by("session-name").focus();
    else if (here().webhooks) by(now.webhooks === ALL ? "webhooks-title" : "webhook-url").focus();
    else (table.row(before.session)?.link ?? by("sessions")).focus();
  }

  function showPage() {
    if (!view().session) return;
    const hadFocus = document.activeElement !== document.body;
    page.show();
    name();
    if (hadFocus) refocus();
  }

  /** The view in the URL, without a page that the key may not see. */
  function here() {
    const { session, webhooks } = view();
    return { session, webhooks: canSeeWebhooks && !session ? webhooks : "" };
  }

  /** The title of the page names the session. */
  function name() {
    const { session: id, webhooks } = here();
    const session = find(id);
    if (webhooks) document.title = "Webhooks – Motte";
    else document.title = id ? `${session ? called(session) : id} – Motte` : "Motte";
  }

  /** @param {Session} session */
  function made(session) {
    sessions.put(session);
    showCode(session, canWrite);
  }

  /** All sessions were read. */
  function whole() {
    if (by("trouble").dataset.of === "read") clearNotice(by("trouble"));
  }

  /** @param {unknown} error */
  function refused(error) {
    link(false, error instanceof Problem && error.isFinal ? "Not connected" : AGAIN);
    trouble("stream", error);
  }

  /** @param {unknown} error */
  function failed(error) {
    trouble("read", error);
  }

  /**
   * @param {string} of what failed
   * @param {unknown} error
   */
  function trouble(of, error) {
    by("loading").hidden = true;
    by("trouble").dataset.of = of;
    showError(by("trouble"), error, () => void sessions.load());
  }
}

/** @param {unknown} error */
function fail(error) {
  showError(by("notices"), error);
}

function live() {
  clearNotice(by("trouble"));
  recover();
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
