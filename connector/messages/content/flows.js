// @ts-check
/** Parameters of native flows: JSON in which a business names its buttons, its lists and what they open. */

import { textsOf } from './reading.js'

/** What native flows call the texts that a person reads, and what a button opens or copies. `name` is that of an item of an order. */
const BUTTON_TEXTS = new Set([
  'display_text',
  'title',
  'subtitle',
  'text',
  'description',
  'header',
  'body',
  'footer',
  'label',
  'highlight_label',
  'name',
  'url',
  'phone_number',
  'copy_code',
  'code'
])

/** Nested parts of a button's parameters that are looked at: rows in sections in a list. */
const MAX_PARAMETER_DEPTH = 6

/** Parts of a button's parameters that are looked at. */
const MAX_PARAMETERS = 2_000

/**
 * Texts in the parameters of a native flow: JSON that the business made.
 * @param {unknown} json
 * @returns {string[]}
 */
export function flowTexts(json) {
  if (typeof json !== 'string' || json === '') return []
  /** @type {string[]} */
  const texts = []
  let left = MAX_PARAMETERS
  /** @param {unknown} value @param {number} depth */
  const collect = (value, depth) => {
    if (typeof value !== 'object' || value === null || depth > MAX_PARAMETER_DEPTH) return
    for (const [name, part] of Object.entries(value)) {
      if ((left -= 1) < 0) return
      if (typeof part === 'string' && BUTTON_TEXTS.has(name)) texts.push(part)
      else collect(part, depth + 1)
    }
  }
  try {
    collect(JSON.parse(json), 0)
  } catch {
    return [json]
  }
  return textsOf(texts)
}
