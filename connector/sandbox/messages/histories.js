// @ts-check
/** The history that a phone sends to its linked devices: a notification with a compressed payload inside. */

import { deflateSync } from 'node:zlib'
import { proto } from 'baileys'
import { invalid } from '../server/refusal.js'
import { phoneNumber } from '../server/control_requests.js'

/** @import { Body } from '../server/control_requests.js' */
/** @import { Phones, Phone } from '../accounts/phone.js' */

const { HistorySyncType } = proto.HistorySync

/** People whom a request may have made up; bytes of text in the one message of each conversation; MiB of padding. */
const MOST = { more: 100_000, messageBytes: 10_000, padding: 256 }

/** The first of the numbers of people who are made up. */
const FIRST_NUMBER = 4_960_000_000_000

/**
 * @typedef {object} HistoryWish
 * @property {string} phoneNumber
 * @property {keyof typeof HistorySyncType} syncType
 * @property {string[]} contacts numbers whose LIDs the history names
 * @property {'mappings' | 'conversations'} named how it names them
 * @property {number} more people who are made up and named too
 * @property {number} messageBytes length of the one message of each conversation
 * @property {number} padding MiB of the inflated payload that say nothing
 * @property {boolean} isBlob the payload is to be downloaded, and nobody has it
 */

/** @param {Body} body @returns {HistoryWish} */
export function historyWish(body) {
  const { syncType = 'INITIAL_BOOTSTRAP', contacts = [], named = 'mappings', isBlob = false } = body
  if (!Object.hasOwn(HistorySyncType, String(syncType)))
    throw invalid(`syncType must be one of ${Object.keys(HistorySyncType).join(', ')}`)
  if (!Array.isArray(contacts)) throw invalid('contacts must be a list of phone numbers')
  if (named !== 'mappings' && named !== 'conversations') throw invalid('named must be "mappings" or "conversations"')
  return {
    phoneNumber: phoneNumber(body),
    syncType: /** @type {HistoryWish['syncType']} */ (syncType),
    contacts: contacts.map(contact => phoneNumber({ contacts: contact }, 'contacts')),
    named,
    more: count(body, 'more'),
    messageBytes: count(body, 'messageBytes'),
    padding: count(body, 'padding'),
    isBlob: isBlob === true
  }
}

/** @param {Body} body @param {keyof typeof MOST} name */
function count(body, name) {
  const value = body[name] ?? 0
  if (!Number.isInteger(value) || Number(value) < 0 || Number(value) > MOST[name])
    throw invalid(`${name} must be 0 to ${MOST[name]}`)
  return Number(value)
}

/**
 * @param {HistoryWish} wish
 * @param {Phones} phones
 * @returns {proto.IMessage}
 */
export function historyMessage({ syncType, isBlob, ...wish }, phones) {
  const type = HistorySyncType[syncType]
  const payload = isBlob
    ? { directPath: '/nowhere', mediaKey: Buffer.alloc(32) }
    : { initialHistBootstrapInlinePayload: deflate(type, wish, phones) }
  return {
    protocolMessage: {
      type: proto.Message.ProtocolMessage.Type.HISTORY_SYNC_NOTIFICATION,
      historySyncNotification: { syncType: type, chunkOrder: 1, progress: 100, ...payload }
    }
  }
}

/**
 * @param {proto.HistorySync.HistorySyncType} syncType
 * @param {Pick<HistoryWish, 'contacts' | 'named' | 'more' | 'messageBytes' | 'padding'>} wish
 * @param {Phones} phones
 */
function deflate(syncType, { contacts, named, more, messageBytes, padding }, phones) {
  const known = contacts.map(number => phones.get(number))
  const made = Array.from({ length: more }, (_, n) => ({ number: String(FIRST_NUMBER + n), lid: String(10 ** 14 + n) }))
  const people = [...known, ...made]
  const content =
    named === 'mappings'
      ? { phoneNumberToLidMappings: people.map(mapping) }
      : { conversations: people.map(person => conversation(person, messageBytes)) }
  const history = {
    syncType,
    ...content,
    pushnames: people.map(({ number }) => ({ id: `${number}@s.whatsapp.net`, pushname: number }))
  }
  const front = padding
    ? proto.HistorySync.encode({
        syncType,
        conversations: [{ id: 'padding@g.us', messages: [{ message: old('padding@g.us', padding << 20) }] }]
      }).finish()
    : Buffer.alloc(0)
  return deflateSync(Buffer.concat([front, proto.HistorySync.encode(history).finish()]))
}

/** @param {Pick<Phone, 'number' | 'lid'>} person */
const mapping = ({ number, lid }) => ({ pnJid: `${number}@s.whatsapp.net`, lidJid: `${lid}@lid` })

/** @param {Pick<Phone, 'number' | 'lid'>} person @param {number} bytes */
function conversation({ number, lid }, bytes) {
  const id = `${lid}@lid`
  return { id, messages: [{ message: old(id, bytes) }], pnJid: `${number}@s.whatsapp.net`, lidJid: id }
}

/** A message of the past. @param {string} remoteJid @param {number} bytes */
function old(remoteJid, bytes) {
  return {
    key: { remoteJid, id: 'OLD', fromMe: false },
    message: { conversation: `from the past ${'x'.repeat(bytes)}` },
    messageTimestamp: 1_600_000_000
  }
}
