// @ts-check
/** The pages of webhooks: the list of all, and the page of one. */

import { href } from "./address.js";
import { ask } from "./api.js";
import { by, copy, part, refocus, write } from "./element.js";
import { clearNotice, showError } from "./notice.js";
import { createWebhook } from "./webhook_creation.js";
import { webhookPage } from "./webhook_page.js";
import { shownSessions, shownTypes, standing, tone } from "./webhook_words.js";

/** @typedef {import("./webhook_words.js").Webhook} Webhook */

/** The view that shows the list; any other name is the id of a webhook. */
export const ALL = "all";

/** Milliseconds between two reads while a page of webhooks is visible: no event says how a webhook is doing. */
const OFTEN = 5000;

/**
 * Returns the function that shows a page.
 * @param {string[] | null} sessions the ids that the key is bound to; null: any
 */
export function webhooks(sessions) {
  /** What is shown: ALL, an id, or nothing. */
  let shown = "";
  const page = webhookPage(look);
  by("webhook-new").addEventListener("click", () => createWebhook(sessions, look));
  setInterval(() => shown && !document.hidden && void look(), OFTEN);
  return { open };

  /** @param {string} wanted ALL, the id of a webhook; empty: another page is shown */
  function open(wanted) {
    shown = wanted;
    by("webhooks-page").hidden = wanted !== ALL;
    page.open(wanted === ALL ? "" : wanted);
    if (wanted) void look();
  }

  async function look() {
    const wanted = shown;
    try {
      const all = await read();
      if (wanted !== shown) return;
      clearNotice(by("webhooks-page"));
      if (wanted === ALL) show(all);
      else page.show(all.find(({ id }) => id === wanted) ?? null);
    } catch (error) {
      by("webhooks-loading").hidden = true;
      if (wanted === ALL) showError(by("webhooks-page"), error, () => void look());
      else if (wanted) page.fail(error, look);
    }
  }

  /** Changes nothing that is as it was: the focus stays. @param {Webhook[]} all */
  function show(all) {
    by("webhooks-loading").hidden = true;
    by("webhooks-none").hidden = all.length > 0;
    const list = by("webhooks");
    const items = all.map((webhook, index) => {
      const item = /** @type {HTMLElement | undefined} */ (list.children[index]);
      return fill(item?.dataset.id === webhook.id ? item : copy("webhook-row"), webhook);
    });
    if (items.length !== list.children.length || items.some((item) => item.parentNode !== list)) {
      list.replaceChildren(...items);
      refocus();
    }
  }
}

/** @param {HTMLElement} item @param {Webhook} webhook */
function fill(item, webhook) {
  const link = /** @type {HTMLAnchorElement} */ (part(item, "a"));
  item.dataset.id = webhook.id;
  link.href = href({ webhooks: webhook.id });
  write(link, webhook.url);
  const state = part(item, ".status");
  state.dataset.tone = tone(webhook);
  write(state, standing(webhook));
  write(part(item, ".wants"), `${shownTypes(webhook)} · ${shownSessions(webhook)}`);
  write(part(item, ".why"), webhook.reason ?? "");
  return item;
}

/** @returns {Promise<Webhook[]>} */
async function read() {
  const found = [];
  let cursor = "";
  do {
    const page = await (await ask("GET", `webhooks?limit=200${cursor}`)).json();
    found.push(...page.items);
    cursor = page.nextCursor && `&cursor=${encodeURIComponent(page.nextCursor)}`;
  } while (cursor);
  return found;
}
