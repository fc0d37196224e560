// @ts-check
/** What callers get of each kind of message. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BO, BO_LID, EVE, GROUP, OURS, OUR_LID, read, seen } from '../../../support/connector/contents.js'

const IN_GROUP = { key: { remoteJid: GROUP, participant: BO } }

test('a text may be inside other messages', () => {
  const content = { conversation: 'Hi' }
  const reads = [
    { ephemeralMessage: { message: content } },
    { deviceSentMessage: { destinationJid: BO, message: content } },
    { botInvokeMessage: { message: { extendedTextMessage: { text: 'Hi' } } } },
    { groupStatusMessageV2: { message: { editedMessage: { message: content } } } }
  ]
  for (const message of reads) assert.deepEqual(seen(read(message)), { kind: 'text', text: 'Hi' })
})

test('pictures and other files have their caption and what is known of the file', () => {
  const media = { mimetype: 'image/jpeg', size: 2048, fileName: null, seconds: null }
  const file = { mimetype: 'image/jpeg', fileLength: 2048 }
  assert.deepEqual(seen(read({ imageMessage: { ...file, caption: 'Look' } })), { kind: 'image', text: 'Look', media })
  assert.deepEqual(seen(read({ stickerMessage: file })), { kind: 'sticker', media })
  assert.deepEqual(seen(read({ lottieStickerMessage: { message: { stickerMessage: file } } })).kind, 'sticker')
  assert.deepEqual(seen(read({ ptvMessage: { ...file, seconds: 7 } })), {
    kind: 'video',
    media: { ...media, seconds: 7 }
  })
  const once = { viewOnceMessageV2: { message: { videoMessage: { ...file, caption: 'Once' } } } }
  assert.deepEqual(seen(read(once)), { kind: 'video', text: 'Once', media })
})

test('a recording is a voice message, another sound a file', () => {
  assert.equal(read({ audioMessage: { ptt: true, seconds: 3 } }).kind, 'voice')
  assert.equal(read({ audioMessage: { seconds: 3 } }).kind, 'audio')
})

test('a document keeps its name, and its title if that is another one', () => {
  const content = {
    documentMessage: { fileName: 'a.pdf', title: 'Offer', caption: 'Read', mimetype: 'application/pdf' }
  }
  const media = { mimetype: 'application/pdf', size: null, fileName: 'a.pdf', seconds: null }
  assert.deepEqual(seen(read({ documentWithCaptionMessage: { message: content } })), {
    kind: 'document',
    text: 'Read\nOffer',
    media
  })
})

test('a place has its position; without a possible one its names are the text', () => {
  const place = { degreesLatitude: 52.5, degreesLongitude: 13.25, name: 'Here', address: 'Street 1' }
  const location = { latitude: 52.5, longitude: 13.25, name: 'Here', address: 'Street 1' }
  assert.deepEqual(seen(read({ locationMessage: place })), { kind: 'location', location })
  const live = { degreesLatitude: -90, degreesLongitude: 180, caption: 'On my way' }
  assert.deepEqual(seen(read({ liveLocationMessage: live })), {
    kind: 'location',
    text: 'On my way',
    location: { latitude: -90, longitude: 180, name: null, address: null }
  })
  for (const degreesLatitude of [90.1, NaN, -Infinity])
    assert.deepEqual(seen(read({ locationMessage: { ...place, degreesLatitude } })), {
      kind: 'location',
      text: 'Here\nStreet 1'
    })
})

test('a contact card has its numbers, and of several cards all texts', () => {
  const vcard =
    'BEGIN:VCARD\nFN:Eve\nitem1.TEL;waid=4915187654321:+49 1518 7654321\nTEL;type=CELL:+49 (30) 1\nEND:VCARD'
  assert.deepEqual(seen(read({ contactMessage: { displayName: 'Eve', vcard } })), {
    kind: 'contact',
    text: 'Eve',
    contact: { name: 'Eve', phoneNumbers: ['4915187654321', '49301'], vcard }
  })
  const contacts = [
    { displayName: 'Eve', vcard },
    { displayName: 'Max', vcard: 'BEGIN:VCARD\nFN:Max\nTEL:12\nEND:VCARD' }
  ]
  const { text, contact } = read({ contactsArrayMessage: { displayName: '2 contacts', contacts } })
  assert.equal(text, '2 contacts\nEve\nMax')
  assert.deepEqual([contact.name, contact.phoneNumbers], ['Eve', ['4915187654321', '49301']])
  assert.equal(contact.vcard, `${vcard}\n${contacts[1]?.vcard}`)
})

test('a reply has what it quotes, and whom it mentions by number', () => {
  const contextInfo = {
    stanzaId: 'FIRST',
    participant: `${BO_LID.replace('@', ':4@')}`,
    quotedMessage: { ephemeralMessage: { message: { imageMessage: { caption: 'Look' } } } },
    mentionedJid: [BO_LID, OUR_LID, EVE, EVE, 'nobody', `${'x'.repeat(300)}@lid`, 'a\nb@lid']
  }
  const { replyTo, mentions } = read({ extendedTextMessage: { text: 'Yes', contextInfo } }, IN_GROUP)
  assert.deepEqual(replyTo, { id: 'FIRST', chat: GROUP, sender: BO, text: 'Look' })
  assert.deepEqual(mentions, [BO, OURS, EVE])
})

test('a reply in private to a message of a group names the group', () => {
  const contextInfo = { stanzaId: 'FIRST', participant: OURS, remoteJid: GROUP }
  const { replyTo } = read({ imageMessage: { contextInfo } })
  assert.deepEqual(replyTo, { id: 'FIRST', chat: GROUP, sender: OURS, text: null })
})

test('what a person tapped has the name that the sender gave it, and the text that the person saw', () => {
  const choice = { id: 'yes-1', title: 'Yes' }
  const contextInfo = { stanzaId: 'ASKED', participant: OURS }
  const replyTo = { id: 'ASKED', chat: BO, sender: OURS, text: null }
  const expected = { kind: 'choice', text: 'Yes', choice, replyTo }
  const answers = [
    { buttonsResponseMessage: { selectedButtonId: 'yes-1', selectedDisplayText: 'Yes', contextInfo } },
    { templateButtonReplyMessage: { selectedId: 'yes-1', selectedDisplayText: 'Yes', contextInfo } },
    { listResponseMessage: { singleSelectReply: { selectedRowId: 'yes-1' }, title: 'Yes', contextInfo } },
    {
      interactiveResponseMessage: {
        body: { text: 'Yes' },
        nativeFlowResponseMessage: { name: 'quick_reply', paramsJson: '{"id":"yes-1"}' },
        contextInfo
      }
    }
  ]
  for (const answer of answers) assert.deepEqual(seen(read(answer)), expected)
})

test('the answers of a form are kept whole', () => {
  for (const paramsJson of [
    '{"flow_token":"t","name":"Bo","day":2}',
    '{"id":"x","day":2}',
    'no JSON',
    '[1]',
    '{"id":7}'
  ])
    assert.equal(
      read({ interactiveResponseMessage: { body: { text: 'Sent' }, nativeFlowResponseMessage: { paramsJson } } }).choice
        .id,
      paramsJson
    )
})

test('buttons, lists and templates are their texts from top to bottom', () => {
  const buttons = {
    text: 'Head',
    contentText: 'Text',
    footerText: 'Foot',
    buttons: [
      { buttonId: '1', buttonText: { displayText: 'A' } },
      { buttonId: '2', buttonText: { displayText: 'B' } }
    ]
  }
  assert.deepEqual(seen(read({ viewOnceMessage: { message: { buttonsMessage: buttons } } })), {
    kind: 'other:buttonsMessage',
    text: 'Head\nText\nFoot\nA\nB'
  })
  const list = {
    title: 'Menu',
    description: 'Choose',
    buttonText: 'Open',
    sections: [{ title: 'Hot', rows: [{ title: 'Tea', description: 'green', rowId: 't' }, { title: 'Coffee' }] }]
  }
  assert.equal(read({ listMessage: list }).text, 'Menu\nChoose\nOpen\nHot\nTea\ngreen\nCoffee')
  const template = {
    hydratedTitleText: 'Order 7',
    hydratedContentText: 'is ready',
    hydratedButtons: [
      { urlButton: { displayText: 'Track', url: 'https://example.com/7' } },
      { callButton: { displayText: 'Call', phoneNumber: '+491' } },
      { quickReplyButton: { displayText: 'Thanks', id: 'x' } }
    ]
  }
  assert.equal(
    read({ templateMessage: { hydratedTemplate: template, hydratedFourRowTemplate: template } }).text,
    'Order 7\nis ready\nTrack\nhttps://example.com/7\nCall\n+491\nThanks'
  )
})

test('an interactive message has the texts of its buttons and cards', () => {
  const button = (/** @type {object} */ parameters) => ({ name: 'x', buttonParamsJson: JSON.stringify(parameters) })
  const interactiveMessage = {
    header: { title: 'Head', imageMessage: { mimetype: 'image/png' } },
    body: { text: 'Body' },
    nativeFlowMessage: {
      buttons: [
        button({ display_text: 'Pay', id: 'p' }),
        button({ title: 'Choose', sections: [{ title: 'One', rows: [{ title: 'Row', id: 'r' }] }] }),
        { name: 'x', buttonParamsJson: 'no JSON' }
      ]
    }
  }
  const card = { ...interactiveMessage, header: { title: 'Card' }, nativeFlowMessage: {} }
  const { kind, text, media } = read({ interactiveMessage })
  assert.deepEqual([kind, media.mimetype], ['other:interactiveMessage', 'image/png'])
  assert.equal(text, 'Head\nBody\nPay\nChoose\nOne\nRow\nno JSON')
  assert.equal(
    read({ interactiveMessage: { carouselMessage: { cards: [card, card] } } }).text,
    'Card\nBody\nCard\nBody'
  )
})

test('an order in a native flow has the names of its items', () => {
  const order = { items: [{ retailer_id: 'r', name: 'Tea', quantity: 1 }], status: 'pending' }
  const parameters = JSON.stringify({ reference_id: 'x', order, type: 'physical-goods' })
  const nativeFlowMessage = { buttons: [{ name: 'review_and_pay', buttonParamsJson: parameters }] }
  assert.equal(
    read({ interactiveMessage: { body: { text: 'Your order' }, nativeFlowMessage } }).text,
    'Your order\nTea'
  )
})

test('products and orders have their price', () => {
  const product = { title: 'Tea', priceAmount1000: 4500, currencyCode: 'EUR', url: 'https://example.com/tea' }
  assert.equal(read({ productMessage: { product } }).text, 'Tea\n4.5 EUR\nhttps://example.com/tea')
  const order = { orderTitle: 'Shop', message: 'Please', totalAmount1000: 12000, totalCurrencyCode: 'EUR' }
  assert.equal(read({ orderMessage: order }).text, 'Shop\nPlease\n12 EUR')
  const request = { amount1000: 1500, currencyCodeIso4217: 'INR', noteMessage: { conversation: 'Lunch' } }
  assert.equal(read({ requestPaymentMessage: request }).text, 'Lunch\n1.5 INR')
})

test('a poll has its answers', () => {
  const poll = { name: 'When?', options: [{ optionName: 'Today' }, { optionName: 'Never' }], selectableOptionsCount: 1 }
  const expected = { kind: 'poll', text: 'When?', poll: { name: 'When?', options: ['Today', 'Never'], selectable: 1 } }
  for (const field of [
    'pollCreationMessage',
    'pollCreationMessageV2',
    'pollCreationMessageV3',
    'pollCreationMessageV5'
  ])
    assert.deepEqual(seen(read({ [field]: poll })), expected)
  assert.deepEqual(seen(read({ pollCreationMessageV4: { message: { pollCreationMessageV3: poll } } })), expected)
})

test('an event has its name, its times and its place', () => {
  const eventMessage = {
    name: 'Party',
    startTime: 1779710460,
    location: { degreesLatitude: 1, degreesLongitude: 2, name: 'Here' },
    isCanceled: true
  }
  assert.deepEqual(seen(read({ eventMessage })), {
    kind: 'other:eventMessage',
    text: 'Party\n2026-05-25T12:01:00.000Z',
    location: { latitude: 1, longitude: 2, name: 'Here', address: null },
    choice: { id: 'canceled', title: null }
  })
})

test('what is done to a message or a chat is a choice in a word', () => {
  const key = { id: 'A', fromMe: true }
  const target = { id: 'A', chat: BO, sender: BO }
  const chosen = (/** @type {string} */ id) => ({ choice: { id, title: null } })
  assert.deepEqual(seen(read({ pinInChatMessage: { key, type: 'UNPIN_FOR_ALL' } })), {
    kind: 'other:pinInChatMessage',
    target,
    ...chosen('unpin_for_all')
  })
  assert.deepEqual(seen(read({ keepInChatMessage: { key, keepType: 'KEEP_FOR_ALL' } })), {
    kind: 'other:keepInChatMessage',
    target,
    ...chosen('keep_for_all')
  })
  assert.deepEqual(seen(read({ protocolMessage: { type: 'EPHEMERAL_SETTING', ephemeralExpiration: 86_400 } })), {
    kind: 'other:ephemeralSetting',
    ...chosen('86400')
  })
})

test('a vote and an edit that cannot be opened are still a vote and an edit', () => {
  const key = { id: 'A', fromMe: true }
  const target = { id: 'A', chat: BO, sender: BO }
  const vote = { pollCreationMessageKey: key, vote: { encPayload: Buffer.alloc(20), encIv: Buffer.alloc(12) } }
  assert.deepEqual(seen(read({ pollUpdateMessage: vote })), { kind: 'poll_vote', target })
  const sealed = { targetMessageKey: key, secretEncType: 'MESSAGE_EDIT', encPayload: Buffer.alloc(20) }
  assert.deepEqual(seen(read({ secretEncryptedMessage: sealed })), { kind: 'edit', target })
})
