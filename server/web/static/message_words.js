// @ts-check
/** Messages as texts: who wrote to whom, what, and how far it is. */

/**
 * @typedef {object} Message
 * @property {string} id
 * @property {string} chat
 * @property {string | null} chatLid
 * @property {string} sender
 * @property {string | null} senderLid
 * @property {string | null} number
 * @property {boolean} fromMe
 * @property {"api" | "phone" | null} via
 * @property {string | null} pushName
 * @property {string} kind
 * @property {string | null} text
 * @property {{text: string | null} | null} replyTo
 * @property {{id: string, sender: string} | null} target
 * @property {string | null} emoji
 * @property {{latitude: number, longitude: number, name: string | null, address: string | null} | null} location
 * @property {{name: string | null} | null} contact
 * @property {{name: string | null, options: string[]} | null} poll
 * @property {{fileName: string | null} | null} media
 * @property {"queued"|"handed"|"sent"|"delivered"|"read"|"played"|"failed"|null} status
 * @property {{code: string, detail: string} | null} statusReason
 * @property {string | null} sentAt
 * @property {string} receivedAt
 */

/** The ends of addresses. */
const PERSON = "@s.whatsapp.net";
const GROUP = "@g.us";

/** Kinds other than a text. @type {Record<string, string>} */
const KINDS = {
  image: "Picture",
  video: "Video",
  voice: "Voice message",
  audio: "Audio",
  document: "Document",
  sticker: "Sticker",
  location: "Place",
  contact: "Contact card",
  poll: "Poll",
  poll_vote: "Vote",
  reaction: "Reaction",
  edit: "Edit",
  revoke: "Deleted for everyone",
  choice: "Choice",
  view_once: "Can be viewed once, on the phone only",
  undecryptable: "This device could not read the message",
};

/** @type {Record<NonNullable<Message["status"]>, string>} */
const STATES = {
  queued: "Waiting to be sent",
  handed: "Being sent",
  sent: "Sent",
  delivered: "Delivered",
  read: "Read",
  played: "Played",
  failed: "Failed",
};

/** How far a message is: news never takes it back. */
const ORDER = Object.keys(STATES);

/** The other side of the chat: a number, or an address. @param {Message} message */
export function other({ number, chat }) {
  return number === null ? chat : `+${number}`;
}

/** Who wrote it: in a group its member. @param {Message} message */
export function author(message) {
  return isGroup(message) ? person(message.sender) : other(message);
}

/** Whether several people are in the chat. @param {Message} message */
export function isGroup({ chat }) {
  return chat.endsWith(GROUP);
}

/** What it is, if it is no text. @param {Message} message */
export function kind({ kind, emoji }) {
  if (kind === "text") return "";
  if (kind === "reaction" && emoji === null) return "Reaction taken away";
  return KINDS[kind] ?? `Other: ${kind.replace(/^other:/, "")}`;
}

/** What a person reads. @param {Message} message */
export function words({ text, emoji, location, contact, poll, media }) {
  const place = location ? [location.name, location.address, `${location.latitude}, ${location.longitude}`] : [];
  const answers = poll ? poll.options.map((option) => `– ${option}`) : [];
  const said = text ?? emoji ?? contact?.name ?? poll?.name;
  return [said, media?.fileName, ...place, ...answers].filter(Boolean).join("\n");
}

/** How far a message of the API is; empty: it is no such message. @param {Message} message */
export function state({ status, statusReason }) {
  if (status === null) return "";
  return statusReason === null ? STATES[status] : `${STATES[status]}: ${statusReason.detail}`;
}

/** Grows with news of a message. @param {Message} message */
export function progress({ status, kind }) {
  return status === null ? Number(kind !== "undecryptable" && kind !== "view_once") : ORDER.indexOf(status);
}

/** @param {string} address */
function person(address) {
  return address.endsWith(PERSON) ? `+${address.slice(0, -PERSON.length)}` : address;
}
