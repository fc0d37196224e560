// @ts-check
/** One session in the table. */

import { href } from "./address.js";
import { copy, part, write } from "./element.js";
import { ago, moment, shownMemory, shownRestarts, since } from "./facts.js";
import { offers } from "./offers.js";
import { showStatus } from "./status.js";
import { called, NOTHING } from "./words.js";

/** @typedef {import("./sessions.js").Session} Session */
/** @typedef {import("./connectors.js").Connectors} Connectors */

/**
 * Returns a row with functions that update it.
 * @param {boolean} canWrite
 * @param {import("./offers.js").Choose} choose
 */
export function row(canWrite, choose) {
  const item = copy("row");
  const link = /** @type {HTMLAnchorElement} */ (part(item, "a"));
  const offered = offers(part(item, ".deeds"), canWrite, choose);
  return { item, link, show, age };

  /**
   * @param {Session} session
   * @param {Connectors} connectors
   */
  function show(session, connectors) {
    const { status, name, id, phoneNumber, pushName, statusReason } = session;
    showStatus(part(item, ".status"), session);
    link.href = href({ session: id });
    write(link, called(session));
    link.title = called(session);
    write(part(item, "code"), name === null ? "" : id);
    write(part(item, ".also"), phoneNumber === null ? "" : `+${phoneNumber}`);
    fact("number", phoneNumber === null ? NOTHING : `+${phoneNumber}${pushName ? ` ${pushName}` : ""}`);
    part(item, '[data-fact="number"]').title = pushName ?? "";
    const reason = part(item, ".reason");
    write(reason, status === "connected" ? "" : (statusReason?.detail ?? ""));
    reason.title = reason.textContent ?? "";
    if (offered.show(session)) link.focus();
    fact("restarts", shownRestarts(connectors.of(id)));
    fact("memory", shownMemory(connectors.of(id)));
    age(session);
  }

  /** Updates the ages. @param {Session} session */
  function age({ createdAt, updatedAt }) {
    fact("age", since(createdAt));
    part(item, '[data-fact="age"]').title = moment(createdAt);
    fact("changed", ago(updatedAt));
    part(item, '[data-fact="changed"]').title = moment(updatedAt);
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  function fact(name, text) {
    write(part(item, `[data-fact="${name}"]`), text);
  }
}
