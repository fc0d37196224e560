// @ts-check
/** One message in the list. */

import { copy, part, write } from "./element.js";
import { moment } from "./facts.js";
import { author, isGroup, kind, other, state, words } from "./message_words.js";

/** @typedef {import("./message_words.js").Message} Message */

/** UTF-16 units of a text that are shown until a person wants the rest. */
const MAX_SHOWN_LENGTH = 500;

/** Units of a text that another message is about. */
const MAX_QUOTED = 80;

/** Lines that are shown until a person wants the rest. */
const MAX_LINES = 8;

/** What browsers break a line at. */
const BREAK = /(\r\n?|[\n\v\f\x85\u2028\u2029])/;

/** Returns a row with the function that fills it. */
export function messageRow() {
  const item = copy("message");
  const whole = part(item, ".whole");
  let text = "";
  whole.addEventListener("click", () => {
    whole.ariaExpanded = String(whole.ariaExpanded !== "true");
    showText();
  });
  return { item, show };

  /** @param {Message} message @param {string | null} quoted the text of the message that it is about */
  function show(message, quoted) {
    item.dataset.mine = String(message.fromMe);
    write(part(item, ".way"), way(message));
    write(part(item, ".who"), message.fromMe ? other(message) : author(message));
    write(part(item, ".name"), message.pushName ?? ""); // On its own: a name may turn the direction of what follows.
    write(part(item, ".group"), !message.fromMe && isGroup(message) ? message.chat : "");
    const time = /** @type {HTMLTimeElement} */ (part(item, "time"));
    time.dateTime = message.receivedAt;
    write(time, moment(message.receivedAt));
    fill(".kind", kind(message));
    fill(".quoted", quoted === null ? "" : `“${cut(quoted, MAX_QUOTED)}”`);
    part(item, ".state").dataset.tone = message.status === "failed" ? "bad" : "";
    fill(".state", state(message));
    text = words(message);
    showText();
  }

  /** The end of a long text is left out until a person wants it. */
  function showText() {
    const lines = text.split(BREAK); // Each second one is a break.
    const short = cut(lines.slice(0, 2 * MAX_LINES - 1).join(""), MAX_SHOWN_LENGTH);
    whole.hidden = short === text;
    const isWhole = whole.ariaExpanded === "true";
    write(whole, isWhole ? "Show less" : "Show the whole text");
    fill(".body", isWhole ? text : short);
  }

  /** @param {string} selector @param {string} said empty: it is hidden */
  function fill(selector, said) {
    part(item, selector).hidden = !said;
    write(part(item, selector), said);
  }
}

/** @param {Message} message */
function way({ fromMe, via }) {
  if (!fromMe) return "From";
  return via === "phone" ? "From the phone to" : "To";
}

/** Returns the beginning of a text. No character is cut in halves. @param {string} text @param {number} most */
function cut(text, most) {
  return text.length <= most ? text : `${text.slice(0, most).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
