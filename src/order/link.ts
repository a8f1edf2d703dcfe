/** The customer's status link: the order object's id and a secret only the link knows. Pure. */

const ID_HEX_DIGITS = 64
/** 96 bits: as hard to guess as anybody needs. */
export const PAGE_SECRET_BYTES = 12
const TOKEN = /^[A-Za-z0-9_-]{59}$/

export function statusToken(orderId: string, pageSecret: string): string {
  const bytes = (orderId + pageSecret).match(/../g) ?? []
  const binary = bytes.map((byte) => String.fromCharCode(Number.parseInt(byte, 16))).join('')
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** Null for anything that cannot be a token. */
export function readStatusToken(token: string): { orderId: string; pageSecret: string } | null {
  if (!TOKEN.test(token)) return null
  const binary = atob(token.replaceAll('-', '+').replaceAll('_', '/'))
  const hex = Array.from(binary, (char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('')
  return { orderId: hex.slice(0, ID_HEX_DIGITS), pageSecret: hex.slice(ID_HEX_DIGITS) }
}
