/** The customer's status link: the order object's id and a secret only the link knows. Pure. */

import { fromBase64Url, toBase64Url, toHex } from '../platform/crypto'

const ID_HEX_DIGITS = 64
/** 96 bits: as hard to guess as anybody needs. */
export const PAGE_SECRET_BYTES = 12
const TOKEN = /^[A-Za-z0-9_-]{59}$/

export function statusToken(orderId: string, pageSecret: string): string {
  const bytes = (orderId + pageSecret).match(/../g) ?? []
  return toBase64Url(Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 16)))
}

/** Null for anything that cannot be a token. */
export function readStatusToken(token: string): { orderId: string; pageSecret: string } | null {
  if (!TOKEN.test(token)) return null
  const hex = toHex(fromBase64Url(token))
  return { orderId: hex.slice(0, ID_HEX_DIGITS), pageSecret: hex.slice(ID_HEX_DIGITS) }
}
