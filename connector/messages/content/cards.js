// @ts-check
/** Places, contact cards, events and invitations. */

import { countOf, textOrNull, textsOf, timeOf } from './reading.js'

/** @typedef {import('./reading.js').PlainReader} Reader */

/** Telephone numbers of one card that are reported; its text has all of them. */
const MAX_NUMBERS = 100

/** Digits of the longest number (ITU-T E.164). */
const MAX_DIGITS = 15

/**
 * A place. Without a possible position it is a text.
 * @param {any} value
 * @returns {{lines: string[], location: import('./reading.js').Reading['location']}}
 */
export function placeOf({ degreesLatitude, degreesLongitude, name, address, url, comment, caption }) {
  const [latitude, longitude] = [Number(degreesLatitude ?? NaN), Number(degreesLongitude ?? NaN)]
  const lines = textsOf(comment, caption, url)
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180))
    return { lines: textsOf(name, address, lines), location: null }
  return { lines, location: { latitude, longitude, name: textOrNull(name), address: textOrNull(address) } }
}

/** Also a live location: its later positions are no messages. @type {Reader} */
export const location = value => ({ kind: 'location', ...placeOf(value) })

/** @type {Reader} */
export const contact = value => ({ kind: 'contact', lines: textsOf(value.displayName), contact: cardOf([value]) })

/** @type {Reader} */
export const contacts = value => ({
  kind: 'contact',
  lines: textsOf(
    value.displayName,
    (value.contacts ?? []).map((/** @type {any} */ { displayName }) => displayName)
  ),
  contact: cardOf(value.contacts ?? [])
})

/** @param {any[]} cards */
function cardOf(cards) {
  const [first = {}] = cards
  const vcards = textsOf(cards.map(({ vcard }) => vcard))
  return {
    name: textOrNull(first.displayName),
    phoneNumbers: numbersIn(first.vcard ?? ''),
    vcard: vcards.length > 0 ? vcards.join('\n') : null
  }
}

/** The numbers of a vCard (RFC 6350, 6.4.1). WhatsApp adds its own form of a number as the parameter `waid`. @param {string} vcard */
function numbersIn(vcard) {
  const numbers = new Set()
  for (const line of vcard.split('\n')) {
    const colon = line.indexOf(':')
    const [name = '', ...parameters] = line.slice(0, Math.max(colon, 0)).toUpperCase().split(';')
    if (name !== 'TEL' && !name.endsWith('.TEL')) continue
    const waid = parameters.find(parameter => parameter.startsWith('WAID='))?.slice('WAID='.length)
    const digits = (waid ?? line.slice(colon + 1)).replaceAll(/\D/g, '')
    if (digits.length > 0 && digits.length <= MAX_DIGITS) numbers.add(digits)
    if (numbers.size === MAX_NUMBERS) break
  }
  return [...numbers]
}

/** @type {Reader} */
export function event(value) {
  const place = value.location ? placeOf(value.location) : { lines: [], location: null }
  return {
    lines: textsOf(
      value.name,
      value.description,
      timeOf(value.startTime),
      timeOf(value.endTime),
      place.lines,
      value.joinLink
    ),
    location: place.location,
    choice: value.isCanceled ? { id: 'canceled', title: null } : null
  }
}

/** @type {Reader} */
export const scheduledCall = value => ({
  lines: textsOf(value.title, timeOf((countOf(value.scheduledTimestampMs) ?? 0) / 1000))
})

/** An invitation to a group or a channel. @type {Reader} */
export const invitation = value => ({
  lines: textsOf(value.caption, value.groupName, value.newsletterName)
})
