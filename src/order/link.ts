/**
 * The customer's status link: the order object's id, a secret only the link knows, and the merchant, in whose book the
 * order is once its object was emptied. Pure.
 */

import { fromBase64Url, toBase64Url, toHex } from '../platform/crypto'

const ID_HEX_DIGITS = 64
/** 96 bits: as hard to guess as anybody needs. */
export const PAGE_SECRET_BYTES = 12
/** Links that were given out before 2026-11-25 have no merchant. */
const TOKEN = /^([A-Za-z0-9_-]{59})([a-z0-9]{1,32})?$/

export interface StatusLink {
  readonly orderId: string
  readonly pageSecret: string
  readonly merchantId: string | null
}

export function statusToken(orderId: string, pageSecret: string, merchantId: string): string {
  const bytes = (orderId + pageSecret).match(/../g) ?? []
  return toBase64Url(Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 16))) + merchantId
}

/** Null for anything that cannot be a token. */
export function readStatusToken(token: string): StatusLink | null {
  const [, named, merchantId = null] = TOKEN.exec(token) ?? []
  if (named === undefined) return null
  const hex = toHex(fromBase64Url(named))
  return { orderId: hex.slice(0, ID_HEX_DIGITS), pageSecret: hex.slice(ID_HEX_DIGITS), merchantId }
}
