// @ts-check
/** Answers of WhatsApp's assistants. */

import { textsOf } from './reading.js'

/** @type {import('./reading.js').PlainReader} */
export const answer = value => ({
  lines: textsOf((value.submessages ?? []).map(partOf))
})

/** @param {any} part */
const partOf = ({
  messageText,
  imageMetadata,
  codeMetadata,
  tableMetadata,
  latexMetadata,
  mapMetadata,
  contentItemsMetadata
}) => [
  messageText,
  imageMetadata?.imageText,
  // A block is a word or a line of the program: together they are its text.
  textsOf((codeMetadata?.codeBlocks ?? []).map((/** @type {any} */ { codeContent }) => codeContent)).join(''),
  tableMetadata?.title,
  (tableMetadata?.rows ?? []).map((/** @type {any} */ { items }) => textsOf(items).join('\t')),
  latexMetadata?.text,
  (latexMetadata?.expressions ?? []).map((/** @type {any} */ { latexExpression }) => latexExpression),
  (mapMetadata?.annotations ?? []).map((/** @type {any} */ { title, body }) => [title, body]),
  (contentItemsMetadata?.itemsMetadata ?? []).map((/** @type {any} */ { reelItem }) => [
    reelItem?.title,
    reelItem?.videoUrl
  ])
]
