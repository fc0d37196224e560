// @ts-check
/** What is known of the devices of chats, and when it is dropped because WhatsApp knows better. */

import { generateParticipantHashV2, jidDecode } from 'baileys'
import { otherUser } from '../messages/lid_mapping.js'
import { createDeviceCache } from './device_cache.js'
import { createGroupCache } from './group_cache.js'
import { isGroup, rememberKeysGiven } from './relay.js'

/** Chats of which the last hash is remembered. */
const MAX_REMEMBERED_HASHES = 1_000

/** @typedef {import('baileys').WASocket} WASocket */

/** @param {import('../storage/credentials.js').Credentials['state']} state */
export function createKnownDevices({ creds, keys }) {
  const devices = createDeviceCache()
  const groups = createGroupCache()
  /** By chat: the hash that WhatsApp answered with last. @type {Map<string, string>} */
  const hashes = new Map()

  /** The accounts of a chat, by both addresses, and the own account. @param {string} chat @returns {string[]} */
  const accountsOf = chat => {
    const members = isGroup(chat) ? (groups.get(chat)?.participants.map(({ id }) => id) ?? []) : [chat]
    const named = [...members, creds.me?.id, creds.me?.lid].flatMap(jid => (jid ? [jid] : []))
    return named.flatMap(jid => bothUsers(jid))
  }

  /** @param {string} jid @returns {string[]} */
  function bothUsers(jid) {
    const decoded = jidDecode(jid)
    if (!decoded) return []
    const other = otherUser(keys, decoded.user, { isLid: decoded.server === 'lid' })
    return other ? [decoded.user, other] : [decoded.user]
  }

  /** @param {string} chat */
  function drop(chat) {
    for (const user of accountsOf(chat)) devices.del(user)
    groups.drop(chat)
  }
  return {
    devices,
    groups,
    /**
     * The ack of a message has the hash of the devices that WhatsApp delivers it to. If it is another one than that of the
     * devices that got a copy, what is known is out of date. The same hash a second time says nothing new.
     * @param {string} chat
     * @param {string} hash
     * @param {Set<string> | null} sealedFor
     */
    compare(chat, hash, sealedFor) {
      if (hashes.get(chat) === hash) return
      if (!isGroup(chat) && sealedFor && generateParticipantHashV2([...sealedFor]) === hash) return
      hashes.delete(chat)
      hashes.set(chat, hash)
      if (hashes.size > MAX_REMEMBERED_HASHES) hashes.delete(/** @type {string} */ (hashes.keys().next().value))
      drop(chat)
    },
    /**
     * Drops the devices of a chat and the Signal sessions with them; of a group, its members and who has the sender key.
     * @param {WASocket} socket
     * @param {string} chat
     */
    async refresh(socket, chat) {
      const { signalRepository } = socket
      if (isGroup(chat)) {
        drop(chat)
        return rememberKeysGiven(socket, chat, null)
      }
      const known = accountsOf(chat).flatMap(user => devices.get(user) ?? [])
      drop(chat)
      const jids = known.map(({ user, server, device }) => `${user}${device ? `:${device}` : ''}@${server}`)
      await signalRepository.deleteSession(jids)
    }
  }
}
