// @ts-check
/** Key bundles: with them a device begins conversations with phones and with other devices. */

import { getBinaryNodeChildren } from 'baileys'
import { stanza, timestamp } from '../protocol/stanza.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { Device, Devices, PreKey } from './devices.js' */
/** @import { Phones } from './phone.js' */
/** @import { Delivery } from '../messages/delivery.js' */

const KEY_TYPE = Buffer.from([5])

/**
 * @param {BinaryNode} query names the devices by their addresses
 * @param {{ devices: Devices, delivery: Delivery, phones: Phones }} server
 */
export function bundlesFor(query, { devices, delivery, phones }) {
  const users = getBinaryNodeChildren(query, 'user').flatMap(({ attrs: { jid = '' } }) => {
    const place = delivery.placeOf(jid)
    if (!place || !phones.hasAccount(place.phone)) return []
    const device = devices.find(place.phone.number, place.number)
    if (place.number > 0 && !device) return []
    const keys = device ? bundleOf(device) : delivery.endpoints.of(place.phone).bundle()
    return [stanza('user', { jid, t: timestamp() }, keys)]
  })
  devices.save() // one-time keys are used up
  return stanza('list', {}, users)
}

/** @param {Device} device */
function bundleOf({ registrationId, identityKey, signedPreKey, preKeys }) {
  const oneTime = preKeys.shift()
  const signed = [...keyParts(signedPreKey), stanza('signature', {}, Buffer.from(signedPreKey.signature, 'base64'))]
  return [
    stanza('registration', {}, bigEndian(registrationId, 4)),
    stanza('type', {}, KEY_TYPE),
    stanza('identity', {}, Buffer.from(identityKey, 'base64')),
    stanza('skey', {}, signed),
    ...(oneTime ? [stanza('key', {}, keyParts(oneTime))] : [])
  ]
}

/** @param {PreKey} key */
function keyParts({ id, key }) {
  return [stanza('id', {}, bigEndian(id, 3)), stanza('value', {}, Buffer.from(key, 'base64'))]
}

/**
 * @param {number} value
 * @param {number} length
 */
export function bigEndian(value, length) {
  const bytes = Buffer.alloc(length)
  bytes.writeUIntBE(value, 0, length)
  return bytes
}
