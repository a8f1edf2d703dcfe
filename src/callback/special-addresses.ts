/**
 * Addresses that no callback may go to: what IANA's special-purpose registries name, and what clouds keep for their
 * own machines. A refused block is refused as a whole, the few public services inside it included: no receiver lives
 * there. Pure. The library only reads addresses; its own classes miss ISATAP, IPv4-compatible IPv6 and Azure.
 */
import ipaddr from 'ipaddr.js'

type Block<Address> = { readonly range: [Address, number]; readonly name: string }

const ipv4 = (range: string, name: string) => ({ range: ipaddr.IPv4.parseCIDR(range), name })
const ipv6 = (range: string, name: string) => ({ range: ipaddr.IPv6.parseCIDR(range), name })

const IPV4: readonly Block<ipaddr.IPv4>[] = [
  ipv4('0.0.0.0/8', 'this network'), // RFC 791
  ipv4('10.0.0.0/8', 'private use'), // RFC 1918
  ipv4('100.64.0.0/10', 'shared address space'), // RFC 6598
  ipv4('127.0.0.0/8', 'loopback'), // RFC 1122
  ipv4('168.63.129.16/32', 'cloud metadata'), // Azure's wire server: in no registry
  ipv4('169.254.0.0/16', 'link local'), // RFC 3927
  ipv4('172.16.0.0/12', 'private use'), // RFC 1918
  ipv4('192.0.0.0/24', 'protocol assignments'), // RFC 6890
  ipv4('192.0.2.0/24', 'documentation'), // RFC 5737
  ipv4('192.31.196.0/24', 'AS112'), // RFC 7535
  ipv4('192.52.193.0/24', 'AMT'), // RFC 7450
  ipv4('192.88.99.0/24', '6to4 relays'), // RFC 7526
  ipv4('192.168.0.0/16', 'private use'), // RFC 1918
  ipv4('192.175.48.0/24', 'AS112'), // RFC 7534
  ipv4('198.18.0.0/15', 'benchmarking'), // RFC 2544
  ipv4('198.51.100.0/24', 'documentation'), // RFC 5737
  ipv4('203.0.113.0/24', 'documentation'), // RFC 5737
  ipv4('224.0.0.0/4', 'multicast'), // RFC 5771
  ipv4('240.0.0.0/4', 'reserved'), // RFC 1112, with the broadcast address
]

/**
 * All that IANA has given out for use on the internet (RFC 4291 section 2.4). Outside of it are `::/8` with the
 * IPv4-compatible, mapped and translated forms, NAT64, unique local, link local, site local, SRv6 and multicast.
 */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')

/** Inside of it. */
const IPV6: readonly Block<ipaddr.IPv6>[] = [
  ipv6('2001::/23', 'protocol assignments'), // RFC 2928, with Teredo, benchmarking, AMT, ORCHID, drone ids
  ipv6('2001:db8::/32', 'documentation'), // RFC 3849
  ipv6('2002::/16', '6to4'), // RFC 3056
  ipv6('2620:4f:8000::/48', 'AS112'), // RFC 7534
  ipv6('3fff::/20', 'documentation'), // RFC 9637
]

/** Why an address is refused, in a few words; null for one of the public internet. What is no address is refused. */
export function specialBlock(address: string): string | null {
  // Four decimal parts: other software reads 0177.0.0.1 in another way than this one.
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return specialIpv4(ipaddr.IPv4.parse(address))
  // A zone (`%eth0`) has no meaning beyond its machine.
  if (!ipaddr.IPv6.isValid(address) || address.includes('%')) return 'not an address'
  const parsed = ipaddr.IPv6.parse(address)
  if (!parsed.match(GLOBAL_UNICAST)) return 'not global unicast'
  return IPV6.find(({ range }) => parsed.match(range))?.name ?? specialIsatap(parsed)
}

function specialIpv4(address: ipaddr.IPv4): string | null {
  return IPV4.find(({ range }) => address.match(range))?.name ?? null
}

/** RFC 5214: an interface id of `[02]00:5efe:` and an IPv4 address is a tunnel to that address, under any prefix. */
function specialIsatap(address: ipaddr.IPv6): string | null {
  const bytes = address.toByteArray()
  const [first = 0, ...rest] = bytes.slice(8, 12)
  if ((first !== 0 && first !== 2) || rest.join() !== '0,94,254') return null
  const block = specialIpv4(new ipaddr.IPv4(bytes.slice(12)))
  return block === null ? null : `ISATAP: ${block}`
}
