// @ts-check
/** The status of a session: a symbol, a word and a colour. */

import { part, write } from "./element.js";
import { isRequested, STATUSES } from "./words.js";

/** The beginning of the address of each symbol. */
const MARK = "#mark-";

/** @type {Partial<Record<import("./words.js").Status, string>>} */
const TONES = { connected: "good", qr_waiting: "plain", pairing: "plain", failed: "bad", disconnected: "bad" };

/**
 * @param {HTMLElement} where contains the symbol and the word
 * @param {import("./sessions.js").Session} session
 */
export function showStatus(where, session) {
  const { status } = session;
  const isLost = status === "logged_out" && !isRequested(session);
  where.dataset.tone = isLost ? "bad" : (TONES[status] ?? "quiet");
  part(where, "use").setAttribute("href", MARK + status);
  write(part(where, "span"), STATUSES[status]);
}
