// @ts-check
/** Look-ups of accounts: their LIDs and their devices. */

import { getBinaryNodeChild, getBinaryNodeChildren, getAllBinaryNodeChildren, jidDecode } from 'baileys'
import { stanza } from './stanza.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { Devices } from '../accounts/devices.js' */
/** @import { Phone, Phones } from '../accounts/phone.js' */

/** @typedef {{ phones: Phones, devices: Devices, watch: (owner: string) => void }} Register watch: called for each list of devices */

/**
 * @param {BinaryNode} usync
 * @param {Register} register
 */
export function lookUp(usync, register) {
  const asked = getBinaryNodeChild(usync, 'query')
  const protocols = (asked ? getAllBinaryNodeChildren(asked) : []).map(({ tag }) => tag)
  const users = getBinaryNodeChildren(getBinaryNodeChild(usync, 'list'), 'user')
  const found = users.flatMap(user => describe(user, protocols, register))
  const results = protocols.map(tag => stanza(tag))
  return stanza('usync', usync.attrs, [stanza('result', {}, results), stanza('list', {}, found)])
}

/**
 * @param {BinaryNode} user
 * @param {string[]} protocols
 * @param {Register} register
 */
function describe(user, protocols, register) {
  const phone = phoneOf(user, register.phones)
  if (!phone) return []
  if (!register.phones.hasAccount(phone)) return unknown(phone, protocols)
  const jid = user.attrs.jid ?? `${phone.number}@s.whatsapp.net`
  const known = protocols.filter(protocol => Object.hasOwn(DESCRIPTIONS, protocol))
  return [
    stanza(
      'user',
      { jid },
      known.map(protocol => DESCRIPTIONS[protocol](phone, register))
    )
  ]
}

/**
 * A number without an account is in the answer only if the query asked for contacts. Source: IsOnWhatsApp of tulir/whatsmeow.
 * @param {Phone} phone
 * @param {string[]} protocols
 */
function unknown({ number }, protocols) {
  if (!protocols.includes('contact')) return []
  return [stanza('user', { jid: `${number}@s.whatsapp.net` }, [contact('out', number)])]
}

/** @param {'in' | 'out'} type @param {string} number */
const contact = (type, number) => stanza('contact', { type }, Buffer.from(`+${number}`))

/** @type {Record<string, (phone: Phone, register: Register) => BinaryNode>} */
const DESCRIPTIONS = {
  contact: ({ number }) => contact('in', number),
  lid: ({ lid }) => stanza('lid', { val: `${lid}@lid` }),
  devices: ({ number }, { devices, watch }) => {
    watch(number)
    const ids = devices.of(number).map(({ device }) => String(device))
    const companions = ids.map(id => stanza('device', { id, 'key-index': id }))
    return stanza('devices', {}, [stanza('device-list', {}, [stanza('device', { id: '0' }), ...companions])])
  }
}

/**
 * @param {BinaryNode} user named by an address, or by a phone number in its contact
 * @param {Phones} phones
 */
function phoneOf(user, phones) {
  if (!user.attrs.jid) return phones.get(String(getBinaryNodeChild(user, 'contact')?.content ?? '').replace(/\D/g, ''))
  const address = jidDecode(user.attrs.jid)
  if (address?.server === 's.whatsapp.net') return phones.get(address.user)
  return address && phones.find(address.user)
}
