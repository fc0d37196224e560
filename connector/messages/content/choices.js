// @ts-check
/** What a person tapped: a button, a row of a list, the form of a business. */

import { textOrNull, textsOf } from './reading.js'

/** @typedef {import('./reading.js').PlainReader} Reader */

/** Keys of the answer of a native flow besides which its id says everything. */
const PLAIN_KEYS = new Set(['id', 'title', 'description', 'display_text'])

/** @type {Reader} */
export const button = value => choice(value.selectedButtonId, value.selectedDisplayText)

/** @type {Reader} */
export const templateButton = value => choice(value.selectedId, value.selectedDisplayText)

/** @type {Reader} */
export const row = value => choice(value.singleSelectReply?.selectedRowId, value.title, value.description)

/** @type {Reader} */
export function flow({ body, nativeFlowResponseMessage: answer }) {
  const parameters = answer?.paramsJson ?? null
  const said = objectIn(parameters)
  const isPlain = typeof said?.id === 'string' && Object.keys(said).every(key => PLAIN_KEYS.has(key))
  const titles = textsOf(body?.text, isPlain && [said.title ?? said.display_text, said.description])
  const [title, ...more] = new Set(titles)
  return choice(isPlain ? said.id : (parameters ?? answer?.name), title, ...more)
}

/**
 * @param {unknown} id as the one who offered the choice named it
 * @param {unknown} title as the person saw it
 * @param {...unknown} more lines that the person saw
 */
const choice = (id, title, ...more) => ({
  kind: 'choice',
  lines: textsOf(title, more),
  choice: { id: textOrNull(id), title: textOrNull(title) }
})

/** @param {string | null} json @returns {Record<string, any> | null} */
function objectIn(json) {
  try {
    const value = JSON.parse(json ?? 'null')
    return typeof value === 'object' && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}
