/** Client addresses against an allow list of addresses and ranges. */
import ipaddr from 'ipaddr.js'

/** `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`. Shortened IPv4 (`127.1`) and IPv4 ranges inside IPv6 are not taken. */
export function isAddressOrRange(text: string): boolean {
  if (text.includes('/')) {
    const [base = ''] = text.split('/')
    return (
      ipaddr.isValidCIDR(text) && isFull(base) && ipaddr.parse(base).kind() === ipaddr.process(base).kind()
    )
  }
  return ipaddr.isValid(text) && isFull(text)
}

/** An empty list lets everybody in. An address that cannot be read is in no list. */
export function isAllowed(address: string | null, allowed: readonly string[]): boolean {
  if (allowed.length === 0) return true
  if (address === null || !ipaddr.isValid(address)) return false
  // An IPv4 address that came over IPv6 is the same address.
  const caller = ipaddr.process(address)
  return allowed.some((entry) => {
    const [base, prefix] = entry.includes('/') ? ipaddr.parseCIDR(entry) : [ipaddr.process(entry), null]
    if (base.kind() !== caller.kind()) return false
    return caller.match(base, prefix ?? (base.kind() === 'ipv4' ? 32 : 128))
  })
}

function isFull(address: string): boolean {
  return address.includes(':') || ipaddr.IPv4.isValidFourPartDecimal(address)
}
