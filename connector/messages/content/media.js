// @ts-check
/** Files: pictures, videos, voice messages, documents, stickers. Motte loads none of them. */

import { countOf, textOrNull, textsOf } from './reading.js'

/** @typedef {import('./reading.js').PlainReader} Reader */

/** @param {any} value @returns {import('./reading.js').Reading['media']} */
export const fileOf = value => ({
  mimetype: textOrNull(value.mimetype),
  size: countOf(value.fileLength),
  fileName: textOrNull(value.fileName) ?? textOrNull(value.title),
  seconds: countOf(value.seconds)
})

/** @type {Reader} */
export const image = value => ({ kind: 'image', lines: textsOf(value.caption), media: fileOf(value) })

/** A video, also a round one. @type {Reader} */
export const video = value => ({ kind: 'video', lines: textsOf(value.caption), media: fileOf(value) })

/** Recorded in the chat it is a voice message, else a file. @type {Reader} */
export const audio = value => ({ kind: value.ptt ? 'voice' : 'audio', lines: [], media: fileOf(value) })

/** @type {Reader} */
export const document = value => ({
  kind: 'document',
  lines: textsOf(value.caption, value.fileName && value.title !== value.fileName && value.title),
  media: fileOf(value)
})

/** @type {Reader} */
export const sticker = value => ({ kind: 'sticker', lines: [], media: fileOf(value) })

/** @type {Reader} */
export const stickerPack = value => ({
  lines: textsOf(value.name, value.publisher, value.packDescription, value.caption),
  media: { mimetype: null, size: countOf(value.fileLength), fileName: null, seconds: null }
})

/** Messages of a group that a member shares with another one. @type {Reader} */
export const historyBundle = value => ({ lines: [], media: fileOf(value) })

/**
 * What stands above the text of a message of a business: a text, a picture or a file. `title` is no text here: in some of the types
 * protobufjs has a property of that name, which says which field of a `oneof` is set.
 * @param {any} header
 * @returns {{lines: string[], media?: import('./reading.js').Reading['media'], location?: import('./reading.js').Reading['location']}}
 */
export function headerOf(header) {
  const lines = textsOf(header.hydratedTitleText, header.text)
  const read =
    (header.imageMessage && image(header.imageMessage)) ??
    (header.videoMessage && video(header.videoMessage)) ??
    (header.documentMessage && document(header.documentMessage)) ??
    (header.audioMessage && audio(header.audioMessage)) ??
    null
  return read ? { lines: [...lines, ...read.lines], media: read.media ?? null } : { lines }
}
