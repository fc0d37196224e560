// @ts-check
/** Requests of the front that send no message: showing that somebody types, looking up a number. */

import { setTimeout as delay } from 'node:timers/promises'
import { USyncQuery, USyncUser } from 'baileys'
import { answered, refused } from '../ipc/events.js'
import { ending } from '../session/baileys_errors.js'
import { harmless } from '../process/logger.js'

/** @typedef {import('baileys').WASocket} WASocket */
/** @typedef {import('../ipc/commands.js').Type} Type */
/** @typedef {import('../ipc/commands.js').Ask} Ask */

/**
 * @param {object} parts
 * @param {() => Pick<import('../ipc/front_channel.js').FrontChannel, 'send'>} parts.front
 * @param {() => WASocket | null} parts.socket that is open
 * @param {import('../process/logger.js').Log} parts.log
 */
export function createRequests({ front, socket, log }) {
  /** @param {string} what @param {() => Promise<unknown>} work */
  async function attempt(what, work) {
    try {
      await work()
    } catch (error) {
      log.warning('request_failed', { request: what, ...harmless(error) })
    }
  }

  /** Shows that somebody types, for so many seconds. @param {WASocket} link @param {string} chat @param {number} seconds @param {'text' | 'voice'} [kind] */
  async function showTyping(link, chat, seconds, kind = 'text') {
    await attempt('type', () => link.sendPresenceUpdate(kind === 'voice' ? 'recording' : 'composing', chat))
    await delay(seconds * 1000, undefined, { ref: false })
    await attempt('type', () => link.sendPresenceUpdate('paused', chat))
  }

  /** @param {Ask} command */
  async function ask({ request, number }) {
    const link = socket()
    try {
      if (!link) throw ending('connection-lost')
      front().send(answered(request, await contactOf(link, number)))
    } catch (/** @type {any} */ error) {
      if (error instanceof Error) log.warning('request_failed', { request: 'ask', ...harmless(error) })
      const reason = error instanceof Error ? ending('connection-lost', 'WhatsApp gave no answer') : error
      front().send(refused(request, reason))
    }
  }

  return {
    showTyping,
    /** @param {Type | Ask} command */
    take(command) {
      const link = socket()
      if (command.command === 'ask') void ask(command)
      else if (link) void showTyping(link, command.chat, command.seconds, command.kind)
    }
  }
}

/**
 * Asks WhatsApp for a number. Baileys' own function gives no LID.
 * @param {WASocket} socket
 * @param {string} number digits
 * @returns {Promise<import('../ipc/events.js').FoundContact>}
 */
async function contactOf(socket, number) {
  const query = new USyncQuery()
    .withContactProtocol()
    .withLIDProtocol()
    .withUser(new USyncUser().withPhone(`+${number}`))
  const answer = await socket.executeUSyncQuery(query)
  if (!answer) throw new Error('no answer')
  const [found] = answer.list.filter(({ contact }) => contact)
  const jid = found?.id?.endsWith('@s.whatsapp.net') ? found.id : null
  const lid = typeof found?.lid === 'string' ? found.lid : null
  return { number, exists: found !== undefined, jid, lid, name: null }
}
