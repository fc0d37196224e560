// @ts-check
/** Messages of businesses: text with buttons, lists and templates, products, orders and payments. */

import { placeOf } from './cards.js'
import { flowTexts } from './flows.js'
import { fileOf, headerOf } from './media.js'
import { moneyOf, nested, textOrNull, textsOf, timeOf } from './reading.js'

/** @typedef {import('./reading.js').PlainReader} Reader */
/** @typedef {Omit<import('./reading.js').Reading, 'kind'>} Part */

/** @type {Reader} */
export function buttons(value) {
  const header = headerWithPlace(value)
  return {
    ...header,
    lines: textsOf(
      header.lines,
      value.contentText,
      value.footerText,
      (value.buttons ?? []).map((/** @type {any} */ { buttonText, nativeFlowInfo }) => [
        buttonText?.displayText,
        nativeFlowInfo && flowTexts(nativeFlowInfo.paramsJson)
      ])
    )
  }
}

/** @type {Reader} */
export const list = value => ({
  lines: textsOf(
    value.title,
    value.description,
    value.footerText,
    value.buttonText,
    (value.sections ?? []).map((/** @type {any} */ { title, rows }) => [
      title,
      (rows ?? []).map((/** @type {any} */ row) => [row.title, row.description])
    ]),
    (value.productListInfo?.productSections ?? []).map((/** @type {any} */ { title }) => title)
  )
})

/** The same template may come in more than one form; each text is said once. @param {any} value @returns {Part} */
export function template(value) {
  const parts = [
    value.hydratedTemplate && hydrated(value.hydratedTemplate),
    value.hydratedFourRowTemplate && hydrated(value.hydratedFourRowTemplate),
    value.interactiveMessageTemplate && interactive(value.interactiveMessageTemplate),
    value.fourRowTemplate && fourRows(value.fourRowTemplate)
  ].filter(Boolean)
  return merged(parts)
}

/** @param {any} value @returns {Part} */
function hydrated(value) {
  const header = headerWithPlace(value)
  return {
    ...header,
    lines: textsOf(
      header.lines,
      value.hydratedContentText,
      value.hydratedFooterText,
      (value.hydratedButtons ?? []).map((/** @type {any} */ { quickReplyButton, urlButton, callButton }) => [
        quickReplyButton?.displayText,
        urlButton && [urlButton.displayText, urlButton.url],
        callButton && [callButton.displayText, callButton.phoneNumber]
      ])
    )
  }
}

/** @param {any} value @returns {Part} */
function fourRows(value) {
  const header = headerWithPlace(value)
  return {
    ...header,
    lines: textsOf(
      header.lines,
      structuredTexts(value.highlyStructuredMessage),
      structuredTexts(value.content),
      structuredTexts(value.footer),
      (value.buttons ?? []).map((/** @type {any} */ { quickReplyButton, urlButton, callButton }) => [
        structuredTexts(quickReplyButton?.displayText),
        [structuredTexts(urlButton?.displayText), structuredTexts(urlButton?.url)],
        [structuredTexts(callButton?.displayText), structuredTexts(callButton?.phoneNumber)]
      ])
    )
  }
}

/** @type {Reader} */
export const structured = value =>
  merged([{ lines: structuredTexts(value) }, ...(value.hydratedHsm ? [template(value.hydratedHsm)] : [])])

/** The values of a template whose text only phones have. @param {any} value @returns {string[]} */
function structuredTexts(value) {
  if (!value) return []
  return textsOf(
    value.hydratedHsm && nested(() => template(value.hydratedHsm))?.lines,
    value.params,
    (value.localizableParams ?? []).map((/** @type {any} */ parameter) => [
      parameter.default,
      parameter.currency && moneyOf(parameter.currency.amount1000, parameter.currency.currencyCode)
    ])
  )
}

/** @param {any} value @returns {Part} */
export function interactive(value) {
  const header = value.header ? headerWithPlace(value.header) : { lines: [] }
  const product = value.header?.productMessage && productOf(value.header.productMessage)
  const audio = value.footer?.audioMessage
  return {
    ...header,
    ...(audio && !header.media && { media: fileOf(audio) }),
    lines: textsOf(
      value.header?.title,
      value.header?.subtitle,
      header.lines,
      product?.lines,
      value.body?.text,
      value.footer?.text,
      (value.nativeFlowMessage?.buttons ?? []).map((/** @type {any} */ { buttonParamsJson }) =>
        flowTexts(buttonParamsJson)
      ),
      flowTexts(value.nativeFlowMessage?.messageParamsJson),
      (value.carouselMessage?.cards ?? []).map((/** @type {any} */ card) => nested(() => interactive(card))?.lines)
    )
  }
}

/** @type {Reader} */
export const product = value => productOf(value)

/** @param {any} value @returns {Part} */
function productOf({ product: item, catalog, body, footer }) {
  const picture = item?.productImage ?? catalog?.catalogImage
  return {
    lines: textsOf(
      item && [
        item.title,
        item.description,
        moneyOf(item.salePriceAmount1000 || item.priceAmount1000, item.currencyCode),
        item.url
      ],
      catalog && [catalog.title, catalog.description],
      [item?.productImage?.caption, catalog?.catalogImage?.caption],
      body,
      footer
    ),
    media: picture ? fileOf(picture) : null
  }
}

/** @type {Reader} */
export const order = value => ({
  lines: textsOf(value.orderTitle, value.message, moneyOf(value.totalAmount1000, value.totalCurrencyCode)),
  target: value.orderRequestMessageId
})

/** @type {Reader} */
export const invoice = value => ({
  lines: textsOf(value.note),
  media: { mimetype: textOrNull(value.attachmentMimetype), size: null, fileName: null, seconds: null }
})

/** What is requested, and until when. @param {any} value */
export const paymentTexts = value =>
  textsOf(
    moneyOf(value.amount1000, value.currencyCodeIso4217),
    value.amount && textsOf(String(moneyValue(value.amount)), value.amount.currencyCode).join(' '),
    timeOf(value.expiryTimestamp)
  )

/** @param {any} money `value` is counted in units of 1/offset */
const moneyValue = ({ value, offset }) => Number(value ?? 0) / (Number(offset) || 1)

/** @param {any} value @returns {Part} */
function headerWithPlace(value) {
  const header = headerOf(value)
  if (!value.locationMessage) return header
  const { lines, location } = placeOf(value.locationMessage)
  return { ...header, lines: [...header.lines, ...lines], location }
}

/** @param {Part[]} parts */
function merged(parts) {
  return {
    lines: [...new Set(parts.flatMap(({ lines }) => lines))],
    media: parts.find(({ media }) => media)?.media ?? null,
    location: parts.find(({ location: place }) => place)?.location ?? null,
    context: parts.find(({ context }) => context)?.context ?? null
  }
}
