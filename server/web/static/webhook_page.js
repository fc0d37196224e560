// @ts-check
/** The page of one webhook: what it gets, what can be done with it, and its deliveries. */

import { go, href } from "./address.js";
import { ask } from "./api.js";
import { busy, by, part, refocus, write } from "./element.js";
import { moment } from "./facts.js";
import { clearNotice, showError } from "./notice.js";
import { confirmed } from "./question.js";
import { deliveries } from "./webhook_deliveries.js";
import { showSecret } from "./webhook_secret.js";
import { shownSessions, shownTypes, standing, tone } from "./webhook_words.js";

/** @typedef {import("./webhook_words.js").Webhook} Webhook */

/** What the log of events keeps. */
const KEPT = "Motte keeps events for a day: they are delivered if it is enabled until then.";

/** @param {() => Promise<void>} changed called after each change */
export function webhookPage(changed) {
  /** The id of the webhook; empty: none. */
  let id = "";
  /** As it was read last. @type {Webhook | null} */
  let webhook = null;
  const listed = deliveries(perform);
  const notice = by("webhook-notice");
  on("webhook-pause", pause);
  on("webhook-test", test);
  on("webhook-rotate", rotate);
  on("webhook-delete", remove);
  return { open, show, fail };

  /** @param {string} webhook_id empty: another page is shown */
  function open(webhook_id) {
    id = webhook_id;
    webhook = null;
    by("webhook").hidden = !id;
    by("webhook-there").hidden = by("webhook-gone").hidden = true;
    clearNotice(notice);
    write(by("webhook-said"), "");
    write(by("webhook-url"), "Webhook");
    /** @type {HTMLAnchorElement} */ (by("webhook-back")).href = href({ webhooks: "all" });
    listed.open(id);
  }

  /** @param {Webhook | null} found null: there is no such webhook */
  function show(found) {
    webhook = found;
    if (notice.dataset.of === "read") clearNotice(notice);
    by("webhook-there").hidden = !found;
    by("webhook-gone").hidden = Boolean(found);
    if (!found) return refocus();
    write(by("webhook-url"), found.url);
    const state = by("webhook-status");
    state.dataset.tone = tone(found);
    write(state, standing(found));
    write(by("webhook-why"), found.reason ?? "");
    write(by("webhook-pause"), found.status === "disabled" ? "Enable" : "Pause");
    for (const [name, text] of Object.entries(facts(found))) {
      write(part(by("webhook-facts"), `[data-fact="${name}"]`), text);
    }
    listed.look().catch((error) => fail(error));
  }

  /** Shows why nothing could be read. @param {unknown} error @param {() => void} [again] */
  function fail(error, again) {
    notice.dataset.of = "read";
    showError(notice, error, again);
  }

  /** Runs what a button does, with its error next to the buttons. @param {HTMLElement} button @param {() => Promise<string>} work returns what to say */
  async function perform(button, work) {
    notice.dataset.of = "deed";
    clearNotice(notice);
    write(by("webhook-said"), "");
    await busy(button, async () => {
      try {
        write(by("webhook-said"), await work());
        await changed();
      } catch (error) {
        showError(notice, error, () => void perform(button, work));
      }
    });
  }

  /** @param {string} name @param {(webhook: Webhook) => Promise<(() => Promise<string>) | null>} choose returns what to do */
  function on(name, choose) {
    by(name).addEventListener("click", async () => {
      const work = webhook && (await choose(webhook));
      if (work) await perform(by(name), work);
    });
  }

  /** @param {Webhook} webhook */
  async function pause({ url, status }) {
    const enabled = status === "disabled";
    const question = { title: "Pause this webhook?", text: `Nothing is delivered to ${url}. ${KEPT}`, verb: "Pause" };
    if (!enabled && !(await confirmed(question))) return null;
    return async () => {
      await ask("PATCH", path(), { body: { enabled } });
      return enabled ? "Enabled." : "Paused.";
    };
  }

  async function test() {
    return async () => {
      const { delivered, status, error, durationMs } = await (await ask("POST", `${path()}/test`)).json();
      const answer = delivered ? `Test delivered: HTTP ${status}` : `Test failed: ${error}`;
      return `${answer} (${durationMs} ms)`;
    };
  }

  /** @param {Webhook} webhook */
  async function rotate({ url, oldSecretUntil }) {
    const ends = oldSecretUntil === null ? "" : " The secret before that ends at once.";
    const text = `${url} gets another secret. The present one signs too, for 24 hours.${ends}`;
    if (!(await confirmed({ title: "Make another secret?", text, verb: "Make a secret" }))) return null;
    return async () => {
      const { secret } = await (await ask("POST", `${path()}/rotate-secret`)).json();
      showSecret(secret);
      return "";
    };
  }

  /** @param {Webhook} webhook */
  async function remove({ url }) {
    const text = `The webhook to ${url}, its secret and its dead events are deleted permanently.`;
    const question = { title: "Delete this webhook?", text, verb: "Delete", isDestructive: true };
    if (!(await confirmed(question))) return null;
    return async () => {
      await ask("DELETE", path());
      go({ webhooks: "all" });
      return "";
    };
  }

  function path() {
    return `webhooks/${encodeURIComponent(id)}`;
  }
}

/** @param {Webhook} webhook @returns {Record<string, string>} */
function facts(webhook) {
  const { id, headerNames, giveUpAfter, createdAt, oldSecretUntil } = webhook;
  return {
    id,
    types: shownTypes(webhook),
    sessions: shownSessions(webhook),
    headers: headerNames.join(", ") || "–",
    giveUp: `${giveUpAfter} s`,
    created: moment(createdAt),
    old: oldSecretUntil === null ? "–" : `signs until ${moment(oldSecretUntil)}`,
  };
}
