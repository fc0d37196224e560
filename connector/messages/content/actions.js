// @ts-check
/** What is done to another message: reactions, edits, deletions, pins, comments; and settings of a chat. */

import { proto } from 'baileys'
import { countOf, textOrNull, textsOf } from './reading.js'
import { sealOf } from './polls.js'

/** @typedef {import('./reading.js').Reader} Reader */
/** @typedef {import('./reading.js').PlainReader} PlainReader */

const { Type } = proto.Message.ProtocolMessage
const { SecretEncType } = proto.Message.SecretEncryptedMessage

/** Types of an encrypted edit that rc14 does not know: POLL_EDIT and POLL_ADD_OPTION of WhatsApp Web. */
const POLL_EDIT = 4
const POLL_ADD_OPTION = 5

/** @type {PlainReader} */
export const reaction = value => ({
  kind: 'reaction',
  lines: textsOf(value.text),
  emoji: textOrNull(value.text),
  target: value.key
})

/** A reaction in the announcements of a community. @type {Reader} */
export const sealedReaction = value => ({
  lines: [],
  target: value.targetMessageKey,
  sealed: { use: 'Enc Reaction', ...sealOf(value) }
})

/** @type {Reader} */
export const comment = (value, read) => ({ ...within(value.message, read), target: value.targetMessageKey })

/** @type {Reader} */
export const sealedComment = value => ({
  lines: [],
  target: value.targetMessageKey,
  sealed: { use: 'Enc Comment', ...sealOf(value) }
})

/** Whether somebody comes to an event. @type {Reader} */
export const sealedEventResponse = value => ({
  lines: [],
  target: value.eventCreationMessageKey,
  sealed: { use: 'Event Response', ...sealOf(value) }
})

/** Since May 2026 WhatsApp's apps send an edit in this form. @type {Reader} */
export function sealedEdit(value) {
  const use = editUse(Number(value.secretEncType ?? SecretEncType.UNKNOWN))
  const sealed = use && { use, ...sealOf(value) }
  return {
    ...(sealed && { kind: 'edit', isOwnTarget: use !== 'Poll Add Option', sealed }),
    lines: [],
    target: value.targetMessageKey
  }
}

/** @param {number} type @returns {import('./sealed.js').Use | null} */
function editUse(type) {
  if (type === SecretEncType.MESSAGE_EDIT) return 'Message Edit'
  if (type === SecretEncType.EVENT_EDIT) return 'Event Edit'
  if (type === POLL_EDIT) return 'Poll Edit'
  return type === POLL_ADD_OPTION ? 'Poll Add Option' : null
}

/** @type {Reader} */
export const pin = ({ key, type }) => done(key, nameIn(proto.Message.PinInChatMessage.Type, type))

/** A message that does not disappear. @type {Reader} */
export const keep = ({ key, keepType }) => done(key, nameIn(proto.KeepType, keepType))

/** @type {Reader} */
export const callEdit = ({ key, editType }) =>
  done(key, nameIn(proto.Message.ScheduledCallEditMessage.EditType, editType))

/** @type {Reader} */
export const callLog = ({ callOutcome }) => done(null, nameIn(proto.Message.CallLogMessage.CallOutcome, callOutcome))

/** @type {Reader} */
export const stickerReaction = ({ key, stickerKey }) => done(key, textOrNull(stickerKey))

/** @type {Reader} */
export const statusNotification = ({ originalMessageKey, responseMessageKey, type }) =>
  done(
    originalMessageKey ?? responseMessageKey,
    nameIn(proto.Message.StatusNotificationMessage.StatusNotificationType, type)
  )

/**
 * @param {import('./reading.js').Key | null | undefined} target
 * @param {string | null} id what was done, in a word
 */
const done = (target, id) => ({ lines: [], target, choice: id ? { id, title: null } : null })

/**
 * What a person notices of a `protocolMessage`, by its type. The other types are talk between devices.
 * @type {Record<string, Reader | null>}
 */
export const PROTOCOL_TYPES = {
  REVOKE: ({ key }) => ({ kind: 'revoke', lines: [], target: key }),
  EPHEMERAL_SETTING: ({ ephemeralExpiration }) => done(null, String(countOf(ephemeralExpiration) ?? 0)),
  EPHEMERAL_SYNC_RESPONSE: null,
  HISTORY_SYNC_NOTIFICATION: null,
  APP_STATE_SYNC_KEY_SHARE: null,
  APP_STATE_SYNC_KEY_REQUEST: null,
  MSG_FANOUT_BACKFILL_REQUEST: null,
  INITIAL_SECURITY_NOTIFICATION_SETTING_SYNC: null,
  APP_STATE_FATAL_EXCEPTION_NOTIFICATION: null,
  SHARE_PHONE_NUMBER: () => done(null, null),
  MESSAGE_EDIT: ({ key, editedMessage }, read) => ({
    ...within(editedMessage, read),
    kind: 'edit',
    target: key,
    isOwnTarget: true
  }),
  PEER_DATA_OPERATION_REQUEST_MESSAGE: null,
  PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE: null,
  REQUEST_WELCOME_MESSAGE: null,
  BOT_FEEDBACK_MESSAGE: null,
  MEDIA_NOTIFY_MESSAGE: null,
  CLOUD_API_THREAD_CONTROL_NOTIFICATION: ({ cloudApiThreadControlNotification: notification }) => ({
    lines: textsOf(notification?.notificationContent?.handoffNotificationText)
  }),
  LID_MIGRATION_MAPPING_SYNC: null,
  REMINDER_MESSAGE: null,
  BOT_MEMU_ONBOARDING_MESSAGE: null,
  STATUS_MENTION_MESSAGE: ({ key }) => done(key, null),
  STOP_GENERATION_MESSAGE: null,
  LIMIT_SHARING: ({ limitSharing }) => done(null, limitSharing?.sharingLimited ? 'on' : 'off'),
  AI_PSI_METADATA: null,
  AI_QUERY_FANOUT: null,
  GROUP_MEMBER_LABEL_CHANGE: ({ memberLabel }) => ({ lines: textsOf(memberLabel?.label) })
}

/** The kind of one that has no kind of its own is the name of its type, in the manner of a field. @type {Reader} */
export function protocol(value, read) {
  // A type that was left out is the first one, REVOKE: so does every client of a protobuf.
  const type = Type[value.type ?? Type.REVOKE]
  const name = value.editedMessage ? 'MESSAGE_EDIT' : type
  const reader = name && Object.hasOwn(PROTOCOL_TYPES, name) ? PROTOCOL_TYPES[name] : null
  const reading = reader?.(value, read)
  return reading ? { kind: `other:${camelCase(name)}`, ...reading } : null
}

/** What a message inside says, without its kind. @param {any} message @param {import('./reading.js').ReadContent} read */
function within(message, read) {
  const { kind, ...reading } = read(message) ?? { kind: '', lines: [] }
  return reading
}

/** @param {Record<number, string>} names @param {unknown} value @returns {string | null} */
function nameIn(names, value) {
  const name = names[/** @type {number} */ (value)]
  return typeof name === 'string' ? name.toLowerCase() : null
}

/** @param {string} name as in `EPHEMERAL_SETTING` */
const camelCase = name => name.toLowerCase().replaceAll(/_(\w)/g, (_, letter) => letter.toUpperCase())
