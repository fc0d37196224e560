// @ts-check
/** Outbound messages of one account: the parts that send them, and what a socket of Baileys needs for it. */

import { proto } from 'baileys'
import { otherUser } from '../messages/lid_mapping.js'
import { harmless } from '../process/logger.js'
import { createAnswers } from './answers.js'
import { stanzaAttributes } from './content.js'
import { createKnownDevices } from './known_devices.js'
import { createMoves } from './moves.js'
import { createReadMarks } from './read_marks.js'
import { createRequests } from './requests.js'
import { createRetries } from './retries.js'
import { isOwn, saveTokensOutside, sealOutside } from './sealing.js'
import { createSender } from './sender.js'
import { openSent } from './sent.js'
import { failUnanswered } from './unanswered.js'

/** Seconds after which all that waited for this device counts as come, if WhatsApp does not say so. */
const CATCH_UP_TIMEOUT_SECONDS = 300

/** Fact: the folder was restored since it holds this account, so messages that were sent may be missing in it. */
const RESTORED = 'restored'

/** @typedef {import('baileys').WASocket} WASocket */
/** @typedef {import('baileys').BinaryNode} Stanza */
/** @typedef {import('../ipc/commands.js').Send} Send */
/** @typedef {import('../ipc/commands.js').MarkRead} MarkRead */
/** @typedef {import('../ipc/commands.js').Type} Type */
/** @typedef {import('../ipc/commands.js').Ask} Ask */
/** @typedef {ReturnType<typeof openOutbound>} Outbound */

/**
 * @param {import('../storage/database.js').ConnectorDatabase} database
 * @param {import('../storage/credentials.js').Credentials} credentials
 * @param {() => Pick<import('../ipc/front_channel.js').FrontChannel, 'send' | 'spool' | 'deliver'>} front
 * @param {{log: import('../process/logger.js').Log, isFull?: () => boolean, timeouts?: typeof import('./attempts.js').SEND_TIMEOUT_SECONDS, pauses?: readonly number[]}} options
 */
export function openOutbound(database, credentials, front, { log, isFull, ...limits }) {
  const { state } = credentials
  const { creds, keys } = state
  const sent = openSent(database)
  const known = createKnownDevices(state)
  const retries = createRetries({ log })
  const moves = createMoves({ database, sent, front, ...(isFull && { isFull }), lidOf: chat => lidOf(chat, keys) })
  /** @type {import('./attempts.js').Link | null} */
  let link = null
  const openSocket = () => (link?.isOpen ? link.socket : null)
  const requests = createRequests({ front, socket: openSocket, log })
  const readMarks = createReadMarks({ database, front, socket: openSocket, log })
  const sender = createSender({
    sent,
    moves,
    groups: known.groups,
    me: () => creds.me?.id ?? '',
    isOwnChat: chat => isOwn(chat, creds.me),
    wasRestored: () => database.facts.get(RESTORED) === 1,
    showTyping: requests.showTyping,
    log,
    ...limits
  })
  const answers = createAnswers(
    { sent, moves, sender, state, log },
    {
      otherDevices: ({ id, chat }, hash) => known.compare(chat, hash, sender.recipientsOf(id)),
      asksAgain: known.groups.drop, // it may be a member that is not known yet
      refresh: known.refresh,
      restricted: reportRestriction
    }
  )

  /** Asks until when the account is restricted: Baileys 7.0.0-rc14 does not after 463. @param {WASocket} socket @param {'restricted' | 'new-chat-limit'} code */
  async function reportRestriction(socket, code) {
    try {
      // Baileys reports an active one to `connection.update`.
      if (code === 'restricted' && (await socket.fetchAccountReachoutTimelock()).isActive) return
    } catch (error) {
      log.warning('query_failed', { query: 'reachout_timelock', ...harmless(error) })
    }
    moves.restricted(code, null)
  }

  /** Returns what is to be called when the link has ended. @param {import('./attempts.js').Link} opened */
  function listen(opened) {
    const { ws, ev } = opened.socket
    ws.on('CB:ack,class:message', (/** @type {Stanza} */ ack) => answers.acknowledge(opened.socket, ack))
    ws.on('CB:ack,class:receipt', readMarks.acknowledge)
    ws.prependListener('CB:receipt', (/** @type {Stanza} */ receipt) => {
      if (receipt.attrs.type === 'retry') retries.note(receipt)
      answers.receive(receipt)
    })
    ws.prependListener('CB:notification,type:w:gp2', ({ attrs }) => attrs.from && known.groups.drop(attrs.from))
    /** @type {NodeJS.Timeout | undefined} */
    let timer
    const catchUp = () => {
      opened.isCaughtUp = true
      sender.pump()
    }
    ev.on('connection.update', ({ connection, receivedPendingNotifications, reachoutTimeLock }) => {
      if (reachoutTimeLock?.isActive)
        moves.restricted('restricted', reachoutTimeLock.timeEnforcementEnds?.getTime() ?? null)
      if (receivedPendingNotifications) catchUp()
      if (connection !== 'open') return
      opened.isOpen = true
      timer = setTimeout(catchUp, CATCH_UP_TIMEOUT_SECONDS * 1000).unref()
      readMarks.opened()
      sender.pump()
    })
    return () => clearTimeout(timer)
  }

  return {
    /** For makeWASocket. */
    config: {
      userDevicesCache: /** @type {any} */ (known.devices),
      cachedGroupMetadata: async (/** @type {string} */ group) => /** @type {any} */ (known.groups.get(group)),
      emitOwnEvents: false,
      /** A device asks for a message again. Undefined for one that is not kept: an empty one would use up its request. */
      async getMessage(/** @type {import('baileys').WAMessageKey} */ { id, remoteJid, participant }) {
        const bytes = id && sent.protobuf(id)
        if (!bytes) return undefined
        const message = proto.Message.decode(bytes)
        const attributes = stanzaAttributes(message, remoteJid ?? '')
        if (Object.keys(attributes).length === 0) return message
        if (remoteJid && participant) retries.ask({ id, chat: remoteJid, device: participant, message, attributes })
        return undefined
      }
    },
    /** @param {import('./sealing.js').Repository} repository */
    seal: repository => sealOutside(repository, () => creds.me, keys),
    /**
     * Sends over a socket that was just made. Returns what is to be called when it has ended.
     * @param {WASocket} socket
     * @param {(cause: string) => void} end ends it; the next one opens by itself
     * @param {number} queryLimit seconds in which WhatsApp answers a query
     */
    attach(socket, end, queryLimit) {
      saveTokensOutside(socket.authState.keys)
      failUnanswered(socket, queryLimit)
      retries.attach(socket)
      const opened = { socket, isOpen: false, isCaughtUp: false, end }
      link = opened
      const stop = listen(opened)
      sender.attach(opened)
      return () => {
        stop()
        opened.isOpen = false
        if (link === opened) link = null
        sender.detach(opened)
      }
    },
    /** @param {Send | MarkRead | Type | Ask} command */
    take(command) {
      if (command.command === 'send') void sender.take(command)
      else if (command.command === 'mark_read') readMarks.take(command)
      else requests.take(command)
    },
    /** Fails a message that this version cannot send: the front must not wait for it. @param {{id: string, chat: string}} message */
    refuse: message => sender.refuse(message),
    /**
     * The folder is older than what was sent with its keys: a key that was used must not be used again. The next message begins
     * new Signal sessions, and sends the account's sender keys again.
     */
    forgetSessions() {
      database.transaction(() => {
        if (credentials.isPaired()) database.facts.set(RESTORED, 1)
        credentials.forgetSessions()
      })
      log.info('signal_sessions_forgotten')
    },
    /** @type {import('./sent.js').Sent['erase']} */
    erase: sent.erase,
    /** Whether nothing waits for WhatsApp. */
    isIdle: () => sender.isIdle(),
    /** Forgets all messages: they belong to no account any more. Call it inside a transaction. */
    wipe() {
      database.facts.set(RESTORED, 0)
      readMarks.wipe()
      sender.wipe()
    }
  }
}

/** @param {string} chat @param {Pick<import('baileys').SignalKeyStore, 'get'>} keys */
function lidOf(chat, keys) {
  const [user = '', server] = chat.split('@')
  if (server === 'lid') return chat
  const lid = server === 's.whatsapp.net' && otherUser(keys, user, { isLid: false })
  return lid ? `${lid}@lid` : null
}
