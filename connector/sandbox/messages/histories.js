// @ts-check
/** History that a phone sends to its linked devices: a notification with a compressed payload. */

import { deflateSync } from 'node:zlib'
import { proto } from 'baileys'

/** @import { Phones, Phone } from '../accounts/phone.js' */

const { HistorySyncType } = proto.HistorySync

/** Number of the first invented person. */
const FIRST_INVENTED_NUMBER = 4_960_000_000_000

/**
 * @typedef {object} HistoryRequest
 * @property {string} phoneNumber
 * @property {keyof typeof HistorySyncType} syncType
 * @property {string[]} contacts numbers whose LIDs the history names
 * @property {'mappings' | 'conversations'} named where the history names them
 * @property {number} more number of invented people that it names too
 * @property {number} messageBytes length of the one message of each conversation
 * @property {number} padding MiB of the inflated payload without a use
 * @property {boolean} isBlob the payload must be downloaded, and does not exist
 */

/**
 * @param {HistoryRequest} request
 * @param {Phones} phones
 * @returns {proto.IMessage}
 */
export function historyMessage({ syncType, isBlob, ...request }, phones) {
  const type = HistorySyncType[syncType]
  const payload = isBlob
    ? { directPath: '/nowhere', mediaKey: Buffer.alloc(32) }
    : { initialHistBootstrapInlinePayload: deflate(type, request, phones) }
  return {
    protocolMessage: {
      type: proto.Message.ProtocolMessage.Type.HISTORY_SYNC_NOTIFICATION,
      historySyncNotification: { syncType: type, chunkOrder: 1, progress: 100, ...payload }
    }
  }
}

/**
 * @param {proto.HistorySync.HistorySyncType} syncType
 * @param {Pick<HistoryRequest, 'contacts' | 'named' | 'more' | 'messageBytes' | 'padding'>} request
 * @param {Phones} phones
 */
function deflate(syncType, { contacts, named, more, messageBytes, padding }, phones) {
  const known = contacts.map(number => phones.get(number))
  const invented = Array.from({ length: more }, (_, n) => ({
    number: String(FIRST_INVENTED_NUMBER + n),
    lid: String(10 ** 14 + n)
  }))
  const people = [...known, ...invented]
  const content =
    named === 'mappings'
      ? {
          phoneNumberToLidMappings: people.map(({ number, lid }) => ({
            pnJid: `${number}@s.whatsapp.net`,
            lidJid: `${lid}@lid`
          }))
        }
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
