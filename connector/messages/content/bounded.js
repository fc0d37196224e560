// @ts-check
/** Cuts what a message has besides its text, so that no sender can make a line too long for the front. */

import {
  cut,
  MAX_CHOICE_LENGTH,
  MAX_LABEL_LENGTH,
  MAX_OPTION_LENGTH,
  MAX_OPTIONS,
  MAX_TEXT_LENGTH,
  short
} from '../../ipc/bounds.js'

/** @typedef {import('./reading.js').Reading} Reading */

/** What a message has besides its text, if it has none of it. */
export const NO_CONTENT = {
  replyTo: null,
  mentions: /** @type {string[]} */ ([]),
  target: null,
  emoji: null,
  location: null,
  contact: null,
  choice: null,
  poll: null,
  media: null
}

/** @param {string | null | undefined} text @param {number} length */
const cutOrNull = (text, length) => (text === null || text === undefined ? null : cut(text, length))

/** @param {Reading} reading */
export const boundedContent = ({ emoji, location, contact, choice, poll, media }) => ({
  emoji: cutOrNull(emoji, 200),
  location: location
    ? {
        ...location,
        name: cutOrNull(location.name, MAX_LABEL_LENGTH),
        address: cutOrNull(location.address, MAX_LABEL_LENGTH)
      }
    : null,
  contact: contact
    ? {
        ...contact,
        name: cutOrNull(contact.name, MAX_LABEL_LENGTH),
        vcard: cutOrNull(contact.vcard, MAX_TEXT_LENGTH)
      }
    : null,
  choice: choice
    ? { id: cutOrNull(choice.id, MAX_CHOICE_LENGTH), title: cutOrNull(choice.title, MAX_CHOICE_LENGTH) }
    : null,
  poll: poll
    ? {
        name: cut(poll.name, MAX_LABEL_LENGTH),
        options: poll.options.slice(0, MAX_OPTIONS).map(option => cut(option, MAX_OPTION_LENGTH)),
        selectable: poll.selectable
      }
    : null,
  media: media
    ? {
        ...media,
        mimetype: media.mimetype && short(media.mimetype),
        fileName: cutOrNull(media.fileName, MAX_LABEL_LENGTH)
      }
    : null
})
