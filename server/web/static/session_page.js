// @ts-check
/** The page of one session: a box to send a text, its messages, its facts, what happened, and the log of its process. */

import { href } from "./address.js";
import { RENAME } from "./deeds.js";
import { by, part, write } from "./element.js";
import { moment, shownMemory, shownProcess, shownRestarts, since } from "./facts.js";
import { happened } from "./history.js";
import { messageList } from "./message_list.js";
import { offers } from "./offers.js";
import { showLog } from "./process_log.js";
import { sandboxPhone } from "./sandbox_phone.js";
import { showStatus } from "./status.js";
import { called, NOTHING } from "./words.js";
import { writing } from "./writing.js";

/** @typedef {import("./sessions.js").Session} Session */

/** Milliseconds between two updates of time spans. */
const AGEING = 15_000;

/**
 * @param {(id: string) => Session | undefined} find
 * @param {import("./connectors.js").Connectors} connectors
 * @param {{canWrite: boolean, canSend: boolean, isAdmin: boolean, isWhole: () => boolean}} more isWhole: whether all sessions are known
 * @param {import("./offers.js").Choose} choose
 */
export function sessionPage(find, connectors, { canWrite, canSend, isAdmin, isWhole }, choose) {
  /** The id of the session; empty: another page is shown. */
  let id = "";
  const heading = by("session-name");
  const messages = messageList();
  const box = writing(messages.messaged);
  const phone = sandboxPhone(canSend);
  const offered = offers(by("session-deeds"), canWrite, choose);
  by("log").hidden = !isAdmin;
  by("writing-panel").hidden = !canSend;
  by("session-rename").hidden = !canWrite;
  by("session-rename").addEventListener("click", () => choose(RENAME, id, by("session-deeds")));
  setInterval(show, AGEING);
  return { open, show, messaged, missed: messages.missed };

  /** Shows another session. @param {string} session_id empty: none */
  function open(session_id) {
    id = session_id;
    by("session").hidden = !id;
    /** @type {HTMLAnchorElement} */ (by("back")).href = href({ session: "" });
    show();
  }

  /** @param {string} session_id @param {import("./message_words.js").Message} message */
  function messaged(session_id, message) {
    messages.messaged(session_id, message);
    box.messaged(session_id, message);
  }

  /** Shows the session as it is now. */
  function show() {
    const session = find(id);
    by("session-there").hidden = !session;
    by("session-deeds").hidden = !session;
    by("session-gone").hidden = !id || Boolean(session) || !isWhole();
    showLog(session && isAdmin ? id : "");
    messages.open(session ? id : "");
    box.open(session ? id : "");
    if (!session) return write(heading, id);
    write(heading, called(session));
    showStatus(by("session-status"), session);
    box.show(session);
    phone.show(session);
    const { status, statusReason } = session;
    by("session-reason").hidden = statusReason === null || status === "connected";
    write(by("session-reason"), statusReason?.detail ?? "");
    if (offered.show(session)) heading.focus();
    for (const [name, text] of Object.entries(facts(session))) {
      write(part(by("session-facts"), `[data-fact="${name}"]`), text);
    }
    showHistory();
  }

  /** @param {Session} session @returns {Record<string, string>} */
  function facts({ id, status, phoneNumber, pushName, deviceName, proxy, qrExpiresAt, createdAt, ...times }) {
    const connector = connectors.of(id);
    const connectedAt = status === "connected" ? times.connectedAt : null;
    return {
      id,
      number: phoneNumber === null ? NOTHING : `+${phoneNumber}`,
      account: pushName ?? NOTHING,
      device: deviceName,
      proxy: proxy ?? NOTHING,
      code: qrExpiresAt === null ? NOTHING : `valid until ${new Date(qrExpiresAt).toLocaleTimeString()}`,
      created: `${moment(createdAt)} (${since(createdAt)})`,
      changed: moment(times.updatedAt),
      connected: connectedAt === null ? NOTHING : `since ${moment(connectedAt)} (${since(connectedAt)})`,
      process: shownProcess(connector),
      restarts: shownRestarts(connector),
      memory: shownMemory(connector),
    };
  }

  function showHistory() {
    const shown = happened(id).map(({ at, text }) => `${new Date(at).toLocaleTimeString()} ${text}`);
    by("events-none").hidden = shown.length > 0;
    const list = by("events");
    if (list.dataset.shown === shown.join("\n")) return;
    list.dataset.shown = shown.join("\n");
    list.replaceChildren(...shown.map(entry));
  }
}

/** @param {string} text */
function entry(text) {
  const item = document.createElement("li");
  item.textContent = text;
  return item;
}
