// @ts-check
/** Polls, their results and the votes. */

import { countOf, textsOf } from './reading.js'

/** @typedef {import('./reading.js').PlainReader} Reader */

/** @type {Reader} */
export const poll = value => ({
  kind: 'poll',
  lines: textsOf(value.name),
  poll: {
    name: value.name ?? '',
    options: textsOf((value.options ?? []).map((/** @type {any} */ { optionName }) => optionName)),
    selectable: countOf(value.selectableOptionsCount) ?? 0
  },
  secret: value.encKey
})

/** @type {Reader} */
export const results = value => ({
  lines: textsOf(
    value.name,
    (value.pollVotes ?? []).map((/** @type {any} */ { optionName, optionVoteCount }) =>
      optionName ? `${optionName}: ${countOf(optionVoteCount) ?? 0}` : null
    )
  )
})

/** A vote. Until it is opened, it says only for which poll. @type {Reader} */
export const vote = value => ({
  kind: 'poll_vote',
  lines: [],
  target: value.pollCreationMessageKey,
  sealed: { use: 'Poll Vote', ...sealOf(value.vote) }
})

/** @param {any} value @returns {{payload: Uint8Array | null, iv: Uint8Array | null}} */
export const sealOf = value => ({ payload: value?.encPayload ?? null, iv: value?.encIv ?? null })
