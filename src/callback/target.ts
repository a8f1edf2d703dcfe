/**
 * Decides from its text alone whether a callback URL may be registered and called. It is the first layer
 * against server-side request forgery; what a permitted name resolves to is `resolve.ts`'s question
 * (`127.0.0.1.nip.io` passes here). Only the normal form returned may be stored and fetched: one parser,
 * the WHATWG one, then reads it in both places, and no two readings of one text can differ.
 */

/** Any server accepts this much (RFC 9110 section 4.1 asks for 8,000 octets); longer is a mistake. */
const MAX_URL_LENGTH = 2048

/** 443 is written as the empty string by the parser. Other ports are databases, mail and admin panels. */
const ALLOWED_PORTS = ['', '8443']

/** RFC 1035 section 2.3.4, as text without the trailing dot. */
const MAX_HOST_LENGTH = 253
const MAX_LABEL_LENGTH = 63

/**
 * Endings that public DNS never delegates, so they mean nothing or something inside a private network.
 * - IANA special-use names: RFC 6761 (`example`, `invalid`, `localhost`, `test`), RFC 6762 (`local`),
 *   RFC 7686 (`onion`), RFC 9476 (`alt`); `arpa` with RFC 8375's `home.arpa` is infrastructure, not web.
 * - `internal`: reserved by ICANN for private use (2024); clouds keep their metadata services there.
 * - `corp`, `home`, `mail`: ICANN will not delegate them, private use is too common (2018).
 * - `intranet`, `lan`, `private`: private use noted in RFC 6762 appendix G.
 * - `localdomain`, `svc`: habits of Unix hosts files and Kubernetes.
 *
 * RFC 6761 asks applications not to treat `example.com`, `.net` and `.org` as special. They are delegated
 * and answer, so they stay ordinary names.
 */
const NEVER_PUBLIC = [
  'alt',
  'arpa',
  'corp',
  'example',
  'home',
  'internal',
  'intranet',
  'invalid',
  'lan',
  'local',
  'localdomain',
  'localhost',
  'mail',
  'onion',
  'private',
  'svc',
  'test',
]

/** Names in public endings under which clouds serve credentials to their own machines. */
const METADATA_HOSTS = [
  'api.metadata.cloud.ibm.com',
  'metadata.goog',
  'metadata.packet.net',
  'metadata.platformequinix.com',
  'metadata.tencentyun.com',
]

/**
 * Whitespace, control and invisible formatting characters, which the parser would strip or hide, and the
 * backslash, which it reads as a slash while other software does not.
 */
const DECEPTIVE_CHARACTER = /[\s\p{Cc}\p{Cf}\\]/u

/** Letters, digits, hyphen; the underscore because subdomains on shared hosting have it. */
const LABEL = /^[a-z0-9_-]+$/

const DOTTED_IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/

export interface TargetRules {
  /** Local development only: http and https on 127.0.0.0/8, [::1] and localhost, on any port. */
  readonly allowLoopbackHttp: boolean
  /** Host names of the gateway (and of whatever else must not be called back), with or without a port. */
  readonly ownHosts: readonly string[]
}

export type TargetVerdict =
  | {
      ok: true
      /** Normal form: the one to store and to fetch. */
      url: string
      /** The name to resolve before it is called; null on loopback, where there is none. */
      host: string | null
    }
  | { ok: false; reason: string /* one sentence for the merchant */ }

/**
 * Judges a callback URL: https on port 443 or 8443 of a public host name, without credentials or fragment.
 * Pure and total; the answer for its own normal form is that same form. Hosts follow the WHATWG URL
 * Standard, so every spelling of an IP address arrives here in dotted or bracketed form.
 */
export function checkTarget(url: string, rules: TargetRules): TargetVerdict {
  const malformed = refuseText(url)
  if (malformed !== null) return refused(malformed)

  const parsed = parseWithoutTrailingDot(url)
  if (parsed === null) return refused('This is not a valid URL.')

  const local = rules.allowLoopbackHttp && isLoopback(parsed)
  const reason = refuseParts(parsed) ?? (local ? null : refusePublic(parsed, rules.ownHosts))
  if (reason !== null) return refused(reason)
  return { ok: true, url: parsed.href, host: local ? null : parsed.hostname }
}

/** What must be judged before parsing, because the parser would repair it silently. */
function refuseText(url: string): string | null {
  if (url.length > MAX_URL_LENGTH) return `The URL must not be longer than ${MAX_URL_LENGTH} characters.`
  if (DECEPTIVE_CHARACTER.test(url)) {
    return 'The URL must not contain spaces, control or invisible characters, or backslashes.'
  }
  return null
}

/**
 * `shop.dz.` is the same host as `shop.dz`, but would slip past lists of names and fail many certificates.
 * A second dot leaves an empty label, which is refused later.
 */
function parseWithoutTrailingDot(url: string): URL | null {
  const parsed = URL.parse(url)
  if (parsed?.hostname.endsWith('.')) parsed.hostname = parsed.hostname.slice(0, -1)
  return parsed
}

/** Rules that hold for every target, loopback included. */
function refuseParts(url: URL): string | null {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'The URL must begin with https://.'
  // The runtime drops credentials without a word: the merchant would believe that they protect something.
  if (url.username !== '' || url.password !== '') {
    return 'The URL must not contain a user name or password; check the signature of callbacks instead.'
  }
  // Never sent over HTTP. Dropping it would turn https://shop.dz/#/callback into the front page.
  if (url.href.includes('#')) {
    return 'The URL must not contain a fragment (#): it is never sent to a server.'
  }
  // Percent-encoding and punycode lengthen what was short enough as typed.
  if (url.href.length > MAX_URL_LENGTH) {
    return `The URL must not be longer than ${MAX_URL_LENGTH} characters once encoded.`
  }
  return null
}

/** The own-host rule does not apply to these: in development gateway and receiver are both localhost. */
function isLoopback(url: URL): boolean {
  const host = url.hostname
  return host === 'localhost' || host === '[::1]' || (DOTTED_IPV4.test(host) && host.startsWith('127.'))
}

function refusePublic(url: URL, ownHosts: readonly string[]): string | null {
  const host = url.hostname
  if (url.protocol !== 'https:') return 'The URL must begin with https://.'
  if (host.startsWith('[') || DOTTED_IPV4.test(host)) {
    return 'The URL must name a host; IP addresses are not accepted.'
  }
  if (!ALLOWED_PORTS.includes(url.port)) return 'The port must be 443 or 8443.'
  return refuseName(host) ?? refuseOwn(host, ownHosts)
}

function refuseName(host: string): string | null {
  const labels = host.split('.')
  const wellFormed = labels.every((label) => LABEL.test(label) && label.length <= MAX_LABEL_LENGTH)
  if (!wellFormed || host.length > MAX_HOST_LENGTH) return 'The host name is not valid.'
  if (labels.length === 1) return 'The host name must be a full public name, such as shop.dz.'
  if ([...NEVER_PUBLIC, ...METADATA_HOSTS].some((name) => isWithin(host, name))) {
    return 'The host name is reserved or private and cannot be reached from the internet.'
  }
  return null
}

function refuseOwn(host: string, ownHosts: readonly string[]): string | null {
  const isOwn = ownHosts.some((own) => {
    const name = URL.parse(`https://${own}`)?.hostname.replace(/\.$/, '')
    return name !== undefined && isWithin(host, name)
  })
  return isOwn ? 'The URL must lead to your own server, not to this gateway.' : null
}

function isWithin(host: string, name: string): boolean {
  return host === name || host.endsWith(`.${name}`)
}

function refused(reason: string): TargetVerdict {
  return { ok: false, reason }
}
