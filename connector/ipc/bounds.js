// @ts-check
/**
 * How long the texts of an event may be: server/protocol/bounds.py drops a line that says more. They are cut here, because a
 * person may choose a name of any length, and an event that is dropped is lost: the front would not know that an account is linked.
 */

/** Characters of the name of an account, an id or an address. */
export const MAX_NAME_LENGTH = 200

/** Characters of the text of a message: what WhatsApp's own apps let a person write. */
export const MAX_TEXT_LENGTH = 65_536

/** Characters of the text of a message that another one quotes. */
export const MAX_QUOTE_LENGTH = 4_096

/** Accounts that one message mentions: the largest group has so many members. */
export const MAX_MENTIONS = 1_024

/** Characters of the name or the address of a place, of the names of a contact, a poll or a file. */
export const MAX_LABEL_LENGTH = 4_096

/** Characters of what a person chose, as they saw it and as the sender named it. The form of a business has all answers in it. */
export const MAX_CHOICE_LENGTH = 32_768

/** Answers of a poll. WhatsApp's own apps let a person write 12. */
export const MAX_OPTIONS = 100

/** Characters of one of them. WhatsApp's own apps let a person write 100. */
export const MAX_OPTION_LENGTH = 512

const MAX_REASON_CODE_LENGTH = 64
const MAX_REASON_DETAIL_LENGTH = 500

/** Bytes of a QR code of the largest size (ISO/IEC 18004, version 40-L). */
export const MAX_QR_BYTES = 2953

/** Cuts a text. The result is well-formed: half a character would make the line unreadable. @param {string} text @param {number} maxLength */
export const cut = (text, maxLength) => text.slice(0, maxLength).toWellFormed()

/** @param {string} text */
export const short = text => cut(text, MAX_NAME_LENGTH)

/** @param {{code: string, detail: string}} reason @returns {{code: string, detail: string}} */
export const boundedReason = ({ code, detail }) => ({
  code: cut(code, MAX_REASON_CODE_LENGTH),
  detail: cut(detail, MAX_REASON_DETAIL_LENGTH)
})
