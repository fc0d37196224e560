// @ts-check
/** Profile of a device at its registration: its keys and its name. */

import { proto } from 'baileys'

/** @import { Device } from '../accounts/devices.js' */

/**
 * @typedef {object} Profile
 * @property {Uint8Array} noiseKey
 * @property {Uint8Array} identityKey
 * @property {Omit<Device, 'phoneNumber' | 'device'>} device as it is stored once it is linked
 */

/**
 * @param {Uint8Array} noiseKey
 * @param {proto.ClientPayload.IDevicePairingRegistrationData} pairing
 * @returns {Profile}
 */
export function readProfile(noiseKey, { eRegid, eIdent, eSkeyId, eSkeyVal, eSkeySig, deviceProps }) {
  const identityKey = bytes(eIdent)
  const signedPreKey = { id: number(eSkeyId), key: base64(eSkeyVal), signature: base64(eSkeySig) }
  const keys = { noiseKey: base64(noiseKey), identityKey: base64(identityKey), signedPreKey, preKeys: [] }
  const deviceName = proto.DeviceProps.decode(bytes(deviceProps)).os || null
  return { noiseKey, identityKey, device: { ...keys, deviceName, registrationId: number(eRegid) } }
}

/** @param {Uint8Array | null | undefined} value */
function bytes(value) {
  if (!value?.length) throw new Error('a key is missing in the registration')
  return Buffer.from(value)
}

/** @param {Uint8Array | null | undefined} value big-endian */
function number(value) {
  return bytes(value).readUIntBE(0, bytes(value).length)
}

/** @param {Uint8Array | null | undefined} value */
function base64(value) {
  return bytes(value).toString('base64')
}
