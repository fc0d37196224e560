// @ts-check
/**
 * Every field of WhatsApp's `Message`, and what becomes of it. docs/reference/messages.md has the same table; a test holds both to
 * the protobuf of the installed Baileys.
 */

import * as actions from './actions.js'
import { answer } from './assistants.js'
import * as business from './business.js'
import * as cards from './cards.js'
import * as choices from './choices.js'
import * as media from './media.js'
import * as polls from './polls.js'
import { textsOf } from './reading.js'

/** @typedef {import('./reading.js').Reader} Reader */

/** Another message around the content: the content is what counts. @type {Reader} */
export const ENVELOPE = (value, read) => read(value.message)

/** No person reads it. */
export const NOTHING = null

/** A person reads that it came, and nothing more. @type {Reader} */
const notice = () => ({ lines: [] })

/** Picks the texts of a content. @param {...string} names @returns {Reader} */
const texts =
  (...names) =>
  value => ({ lines: textsOf(names.map(name => value[name])), target: value.key ?? value.originalStatusId })

/** A payment with a note, which is a message of its own. @type {Reader} */
const payment = (value, read) => {
  const note = read(value.noteMessage)
  return { ...note, kind: undefined, lines: note?.lines ?? [], target: value.requestMessageKey }
}

/** @type {Reader} */
const paymentRequest = (value, read) => {
  const note = read(value.noteMessage)
  const lines = [...(note?.lines ?? []), ...business.paymentTexts(value)]
  return { ...note, kind: undefined, lines }
}

/** @type {Record<string, Reader | typeof NOTHING>} */
export const FIELDS = {
  conversation: value => ({ kind: 'text', lines: textsOf(value) }),
  senderKeyDistributionMessage: NOTHING,
  imageMessage: media.image,
  contactMessage: cards.contact,
  locationMessage: cards.location,
  extendedTextMessage: value => ({ kind: 'text', lines: textsOf(value.text) }),
  documentMessage: media.document,
  audioMessage: media.audio,
  videoMessage: media.video,
  call: NOTHING,
  chat: texts('displayName'),
  protocolMessage: actions.protocol,
  contactsArrayMessage: cards.contacts,
  highlyStructuredMessage: business.structured,
  fastRatchetKeySenderKeyDistributionMessage: NOTHING,
  sendPaymentMessage: payment,
  liveLocationMessage: cards.location,
  requestPaymentMessage: paymentRequest,
  declinePaymentRequestMessage: texts(),
  cancelPaymentRequestMessage: texts(),
  templateMessage: business.template,
  stickerMessage: media.sticker,
  groupInviteMessage: cards.invitation,
  templateButtonReplyMessage: choices.templateButton,
  productMessage: business.product,
  deviceSentMessage: ENVELOPE,
  messageContextInfo: NOTHING,
  listMessage: business.list,
  viewOnceMessage: ENVELOPE,
  orderMessage: business.order,
  listResponseMessage: choices.row,
  ephemeralMessage: ENVELOPE,
  invoiceMessage: business.invoice,
  buttonsMessage: business.buttons,
  buttonsResponseMessage: choices.button,
  paymentInviteMessage: notice,
  interactiveMessage: business.interactive,
  reactionMessage: actions.reaction,
  stickerSyncRmrMessage: NOTHING,
  interactiveResponseMessage: choices.flow,
  pollCreationMessage: polls.poll,
  pollUpdateMessage: polls.vote,
  keepInChatMessage: actions.keep,
  documentWithCaptionMessage: ENVELOPE,
  requestPhoneNumberMessage: notice,
  viewOnceMessageV2: ENVELOPE,
  encReactionMessage: actions.sealedReaction,
  editedMessage: ENVELOPE,
  viewOnceMessageV2Extension: ENVELOPE,
  pollCreationMessageV2: polls.poll,
  scheduledCallCreationMessage: cards.scheduledCall,
  groupMentionedMessage: ENVELOPE,
  pinInChatMessage: actions.pin,
  pollCreationMessageV3: polls.poll,
  scheduledCallEditMessage: actions.callEdit,
  ptvMessage: media.video,
  botInvokeMessage: ENVELOPE,
  callLogMesssage: actions.callLog,
  messageHistoryBundle: media.historyBundle,
  encCommentMessage: actions.sealedComment,
  bcallMessage: texts('caption'),
  lottieStickerMessage: ENVELOPE,
  eventMessage: cards.event,
  encEventResponseMessage: actions.sealedEventResponse,
  commentMessage: actions.comment,
  newsletterAdminInviteMessage: cards.invitation,
  placeholderMessage: notice,
  secretEncryptedMessage: actions.sealedEdit,
  albumMessage: notice,
  eventCoverImage: ENVELOPE,
  stickerPackMessage: media.stickerPack,
  statusMentionMessage: ENVELOPE,
  pollResultSnapshotMessage: polls.results,
  pollCreationOptionImageMessage: ENVELOPE,
  associatedChildMessage: ENVELOPE,
  groupStatusMentionMessage: ENVELOPE,
  pollCreationMessageV4: ENVELOPE,
  statusAddYours: ENVELOPE,
  groupStatusMessage: ENVELOPE,
  richResponseMessage: answer,
  statusNotificationMessage: actions.statusNotification,
  limitSharingMessage: ENVELOPE,
  botTaskMessage: ENVELOPE,
  questionMessage: ENVELOPE,
  messageHistoryNotice: notice,
  groupStatusMessageV2: ENVELOPE,
  botForwardedMessage: ENVELOPE,
  statusQuestionAnswerMessage: texts('text'),
  questionReplyMessage: ENVELOPE,
  questionResponseMessage: texts('text'),
  statusQuotedMessage: texts('text'),
  statusStickerInteractionMessage: actions.stickerReaction,
  pollCreationMessageV5: polls.poll,
  newsletterFollowerInviteMessageV2: cards.invitation,
  pollResultSnapshotMessageV3: polls.results
}
