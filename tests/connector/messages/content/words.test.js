// @ts-check
/**
 * No word is lost: each text of WhatsApp's protobuf is in the message that callers get, or is named here as no word. A newer Baileys
 * with another text fails this test.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FIELDS } from '../../../../connector/messages/content/fields.js'
import { read } from '../../../support/connector/contents.js'
import { MESSAGE, nameOf, textsIn } from '../../../support/connector/descriptors.js'

const WORD = 'canary 7f3a'

/** Types without words of the person who wrote: references, previews of links, marks on pictures, music, backgrounds. */
const NO_WORDS_IN = new Set([
  'MessageKey',
  'ContextInfo',
  'InteractiveAnnotation',
  'UrlTrackingMap',
  'EmbeddedMusic',
  'PaymentBackground',
  'ProcessedVideo',
  'AIRichResponseImageURL',
  'AIRichResponseDynamicMetadata',
  'Message.LinkPreviewMetadata',
  'Message.MMSThumbnailMetadata',
  'Message.MessageHistoryMetadata',
  'Message.PaymentLinkMetadata',
  'Message.PaymentExtendedMetadata',
  'Message.VideoEndCard',
  'Message.CallLogMessage.CallParticipant',
  'Message.InteractiveMessage.ShopMessage',
  'Message.InteractiveMessage.CollectionMessage',
  'Message.ListMessage.Product',
  'Message.ListMessage.ProductListHeaderImage',
  'Message.StickerPackMessage.Sticker'
])

/** Texts that no person reads or chooses: addresses of files, names for programs. `*`: of any type. */
const NO_WORDS = new Set([
  '*.directPath',
  '*.thumbnailDirectPath',
  '*.staticUrl',
  '*.metadataUrl',
  '*.mimetype',
  '*.accessibilityLabel',
  'Message.ImageMessage.url',
  'Message.ImageMessage.qrUrl',
  'Message.DocumentMessage.url',
  'Message.AudioMessage.url',
  'Message.VideoMessage.url',
  'Message.StickerMessage.url',
  // The preview of a link that stands in the text.
  'Message.ExtendedTextMessage.matchedText',
  'Message.ExtendedTextMessage.title',
  'Message.ExtendedTextMessage.description',
  'Message.ExtendedTextMessage.inviteLinkParentGroupSubjectV2',
  'Message.ExtendedTextMessage.videoContentUrl',
  'Message.Chat.id',
  // Which template, for a phone that has its text.
  'Message.HighlyStructuredMessage.namespace',
  'Message.HighlyStructuredMessage.elementName',
  'Message.HighlyStructuredMessage.fallbackLg',
  'Message.HighlyStructuredMessage.fallbackLc',
  'Message.HighlyStructuredMessage.deterministicLg',
  'Message.HighlyStructuredMessage.deterministicLc',
  'Message.TemplateMessage.templateId',
  'Message.TemplateMessage.HydratedFourRowTemplate.templateId',
  // What a button that was offered is called. A tap on it brings the name back as `choice.id`.
  'HydratedTemplateButton.HydratedQuickReplyButton.id',
  'HydratedTemplateButton.HydratedURLButton.consentedUsersUrl',
  'TemplateButton.QuickReplyButton.id',
  'Message.ButtonsMessage.Button.buttonId',
  'Message.ButtonsMessage.Button.NativeFlowInfo.name',
  'Message.InteractiveMessage.NativeFlowMessage.NativeFlowButton.name',
  'Message.ListMessage.Row.rowId',
  'Message.ListMessage.ProductListInfo.businessOwnerJid',
  'Message.ProductMessage.businessOwnerJid',
  'Message.ProductMessage.ProductSnapshot.productId',
  'Message.ProductMessage.ProductSnapshot.retailerId',
  'Message.ProductMessage.ProductSnapshot.firstImageId',
  'Message.ProductMessage.ProductSnapshot.signedUrl',
  'Message.OrderMessage.orderId',
  'Message.OrderMessage.sellerJid',
  'Message.OrderMessage.token',
  'Message.OrderMessage.catalogType',
  'Message.InvoiceMessage.token',
  'Message.InvoiceMessage.attachmentDirectPath',
  'Message.SendPaymentMessage.transactionData',
  'Message.RequestPaymentMessage.requestFrom',
  'Message.GroupInviteMessage.groupJid',
  'Message.GroupInviteMessage.inviteCode',
  'Message.NewsletterAdminInviteMessage.newsletterJid',
  'Message.NewsletterFollowerInviteMessage.newsletterJid',
  'Message.DeviceSentMessage.destinationJid',
  'Message.DeviceSentMessage.phash',
  'Message.ReactionMessage.groupingKey',
  // The right answer of a quiz is one of its options, which has its own name.
  'Message.PollCreationMessage.correctAnswer',
  'Message.PollCreationMessage.Option.optionHash',
  'Message.BCallMessage.sessionId',
  'Message.StickerPackMessage.stickerPackId',
  'Message.StickerPackMessage.trayIconFileName',
  'Message.StickerPackMessage.imageDataHash',
  'AIRichResponseInlineImageMetadata.tapLinkUrl',
  'AIRichResponseCodeMetadata.codeLanguage',
  'AIRichResponseLatexMetadata.AIRichResponseLatexExpression.url',
  'AIRichResponseContentItemsMetadata.AIRichResponseReelItem.profileIconUrl',
  'AIRichResponseContentItemsMetadata.AIRichResponseReelItem.thumbnailUrl'
])

/** Of a `protocolMessage`, the type says which part counts. */
const PROTOCOL_WORDS = [
  { type: 'MESSAGE_EDIT', editedMessage: { conversation: WORD } },
  { type: 'GROUP_MEMBER_LABEL_CHANGE', memberLabel: { label: WORD } },
  {
    type: 'CLOUD_API_THREAD_CONTROL_NOTIFICATION',
    cloudApiThreadControlNotification: { notificationContent: { handoffNotificationText: WORD } }
  }
]

/** Whether a content is inside another one: that is read like any other. */
const isLeftOut = (/** @type {string} */ type, /** @type {string} */ field) =>
  NO_WORDS_IN.has(type) ||
  (type === 'Message' && field === '') ||
  NO_WORDS.has(`${type}.${field}`) ||
  NO_WORDS.has(`*.${field}`)

for (const field of MESSAGE.fieldsArray) {
  if (FIELDS[field.name] === null || field.name === 'protocolMessage') continue
  test(`no word of ${field.name} is lost`, () => {
    const type = field.resolvedType
    const texts = type ? [...textsIn(type, isLeftOut, WORD)] : [{ leaf: nameOf(MESSAGE), value: WORD }]
    for (const { leaf, value } of texts) {
      const message = read({ [field.name]: value })
      assert.ok(message && JSON.stringify(message).includes(WORD), `${leaf} of ${field.name}`)
    }
  })
}

for (const protocolMessage of PROTOCOL_WORDS) {
  test(`no word of a protocol message of the type ${protocolMessage.type} is lost`, () =>
    assert.equal(read({ protocolMessage })?.text, WORD))
}

test('no word of a message inside a message is lost, however many are around it', () => {
  for (const [name, field] of Object.entries(MESSAGE.fields)) {
    if (nameOf(field.resolvedType ?? MESSAGE) !== 'Message.FutureProofMessage') continue
    const inner = { [name]: { message: { ephemeralMessage: { message: { conversation: WORD } } } } }
    assert.equal(read(inner)?.text, WORD, name)
    assert.equal(read({ deviceSentMessage: { message: inner } })?.text, WORD, name)
  }
})

test('a content of several fields, which no app sends, is the first of them with the words of all', () => {
  const { kind, text } = read({
    stickerMessage: {},
    conversation: 'one',
    imageMessage: { caption: 'two' },
    pollCreationMessage: { name: 'three', options: [{ optionName: 'four' }] },
    locationMessage: { degreesLatitude: 1, degreesLongitude: 2, name: 'five' }
  })
  assert.equal(kind, 'text')
  assert.deepEqual(text.split('\n').toSorted(), ['five', 'four', 'one', 'three', 'two'])
})

test('a name of no words that the protobuf has no more is not kept here', () => {
  const known = new Set()
  for (const field of MESSAGE.fieldsArray) {
    if (!field.resolvedType) continue
    for (const { leaf } of textsIn(field.resolvedType, type => NO_WORDS_IN.has(type), WORD)) known.add(leaf)
  }
  const gone = [...NO_WORDS].filter(name => !name.startsWith('*') && !known.has(name))
  assert.deepEqual(gone, ['Message.PollCreationMessage.correctAnswer'])
})
