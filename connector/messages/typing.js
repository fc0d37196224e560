// @ts-check
/**
 * What others do in a chat while they write: they type, record a voice message, or stop.
 *
 * WhatsApp sends this only to devices that are shown as online (`events.ChatPresence` of tulir/whatsmeow); those of Motte are
 * not, so that the phone goes on to ring. Names of the stanza: handlePresenceUpdate of Baileys 7.0.0-rc14, handleChatState of
 * tulir/whatsmeow.
 */

import { getAllBinaryNodeChildren } from 'baileys'
import { aliasesInStanza, openPeople, resolve } from './addresses.js'

/** Lines to the front in a second, of all chats; so many may come at once after a pause. */
const MAX_A_SECOND = 20

/** Milliseconds between two lines about one person in one chat. */
const GAP_MS = 1_000

/** Milliseconds after which a state that has not changed is reported again: clients repeat it while somebody types. */
const REPEAT_MS = 10_000

/** Milliseconds until what had to wait is looked at again. */
const TICK_MS = 250

/** People in chats that are remembered, or wait. */
const MAX_REMEMBERED = 1_000

const PERSON = /@(s\.whatsapp\.net|lid)$/
const GROUP = /@g\.us$/

/** @typedef {import('baileys').BinaryNode} Stanza */
/** @typedef {Parameters<typeof import('../ipc/events.js').typing>[0]} Typed */

/**
 * Reports what others do. Returns what is to be called when the socket has ended.
 * @param {Pick<import('baileys').WASocket['ws'], 'prependListener'>} ws
 * @param {Pick<import('../storage/credentials.js').Credentials, 'state'>} credentials
 * @param {(typed: Typed) => void} report
 */
export function listenForTyping(ws, { state: { creds, keys } }, report) {
  const limiter = limitTyping(report)
  ws.prependListener('CB:chatstate', (/** @type {Stanza} */ stanza) => {
    const typed = creds.me && readTyping(stanza, creds.me, keys)
    if (typed) limiter.take(typed)
  })
  return limiter.stop
}

/**
 * What a stanza says; null if it says nothing, or is about the account itself.
 * @param {Stanza} stanza
 * @param {import('./addresses.js').Me} me
 * @param {Pick<import('baileys').SignalKeyStore, 'get'>} keys
 * @returns {Typed | null}
 */
export function readTyping(stanza, me, keys) {
  const [state] = getAllBinaryNodeChildren(stanza)
  if (!state || !['composing', 'paused'].includes(state.tag)) return null
  const { chat, sender } = resolve(aliasesInStanza(stanza.attrs, me), keys)
  if (!(PERSON.test(chat) || GROUP.test(chat)) || !PERSON.test(sender)) return null
  if (openPeople(me, keys).me.includes(sender)) return null
  return { chat, sender, kind: state.attrs.media === 'audio' ? 'voice' : 'text', isTyping: state.tag === 'composing' }
}

/**
 * Lets through what is new, at a bounded rate. Of what has to wait only the newest state of each person is kept, so that a
 * flood costs a few lines, and the last state of everybody arrives.
 * @param {(typed: Typed) => void} report
 * @param {() => number} [now] milliseconds, monotonic
 */
export function limitTyping(report, now = () => performance.now()) {
  /** What was reported last of each person, the oldest first. @type {Map<string, {state: string, at: number}>} */
  const reported = new Map()
  /** What waits, the oldest first. @type {Map<string, Typed>} */
  const waiting = new Map()
  let credit = MAX_A_SECOND
  let creditedAt = now()
  /** @type {NodeJS.Timeout | undefined} */
  let timer

  const pump = () => {
    timer = undefined
    const at = now()
    credit = Math.min(MAX_A_SECOND, credit + ((at - creditedAt) / 1000) * MAX_A_SECOND)
    creditedAt = at
    for (const [who, typed] of waiting) {
      if (credit < 1) break
      if (at - (reported.get(who)?.at ?? -Infinity) < GAP_MS) continue
      waiting.delete(who)
      if (isRepeated(who, typed, at)) continue
      credit -= 1
      keepNewest(reported, who, { state: stateOf(typed), at })
      report(typed)
    }
    if (waiting.size > 0) timer = setTimeout(pump, TICK_MS).unref()
  }

  /** @param {string} who @param {Typed} typed @param {number} at */
  const isRepeated = (who, typed, at) => {
    const last = reported.get(who)
    if (!last) return !typed.isTyping // nobody knew of it
    return last.state === stateOf(typed) && (!typed.isTyping || at - last.at < REPEAT_MS)
  }

  return {
    /** @param {Typed} typed */
    take(typed) {
      keepNewest(waiting, `${typed.chat} ${typed.sender}`, typed)
      if (timer === undefined) pump()
    },
    stop: () => clearTimeout(timer)
  }
}

/** @template T @param {Map<string, T>} map @param {string} key @param {T} value */
function keepNewest(map, key, value) {
  map.delete(key)
  map.set(key, value)
  if (map.size > MAX_REMEMBERED) map.delete(map.keys().next().value ?? '')
}

/** @param {Typed} typed */
const stateOf = ({ kind, isTyping }) => (isTyping ? kind : 'paused')
