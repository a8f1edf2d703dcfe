/**
 * What a callback's host name leads to at this moment, asked over HTTPS at every attempt: a name that was fine when
 * it was registered may point into somebody's private network now. Only the addresses at the end are judged, however
 * many aliases lead there. Nothing is remembered: an answer of a minute ago says nothing about the fetch that follows.
 */
import * as z from 'zod'
import { specialBlock } from './special-addresses'

/** One deadline over both questions; an attempt has its own. */
const DEADLINE_MS = 3_000

/** Hundreds of addresses; a host has a few. */
const MAX_ANSWER_CHARACTERS = 64 * 1024

const ADDRESS_TYPES = { A: 1, AAAA: 28 } as const

export type Resolution =
  | { readonly kind: 'public' }
  /** No such name, one without an address, or one whose servers fail. */
  | { readonly kind: 'no_address' }
  /** One such address among good ones is enough: which one a connection takes is not ours to choose. */
  | { readonly kind: 'special'; readonly address: string; readonly block: string }
  /** The resolver is down, slow, or says what cannot be judged: nothing is known about the name. */
  | { readonly kind: 'unresolved' }

/** Null when the question was not answered. */
type Addresses = readonly string[] | null

/** Asks for both kinds of address. Never throws. */
export async function resolve(
  host: string,
  { dnsUrl, fetch }: { readonly dnsUrl: string; readonly fetch: typeof globalThis.fetch },
): Promise<Resolution> {
  const signal = AbortSignal.timeout(DEADLINE_MS)
  const ask = async (type: keyof typeof ADDRESS_TYPES): Promise<Addresses> => {
    try {
      const url = new URL(dnsUrl)
      url.searchParams.set('name', host)
      url.searchParams.set('type', type)
      const headers = { accept: 'application/dns-json' }
      const response = await fetch(url.href, { method: 'GET', headers, redirect: 'manual', signal })
      const text = await readText(response)
      return response.status === 200 ? readAddresses(text) : null
    } catch {
      return null
    }
  }
  return judge(await Promise.all([ask('A'), ask('AAAA')]))
}

/** A special address is refused even when the other question was not answered. */
export function judge(answers: readonly Addresses[]): Resolution {
  const addresses = answers.flatMap((found) => found ?? [])
  for (const address of addresses) {
    const block = specialBlock(address)
    if (block !== null) return { kind: 'special', address, block }
  }
  if (answers.includes(null)) return { kind: 'unresolved' }
  return { kind: addresses.length === 0 ? 'no_address' : 'public' }
}

const dnsAnswer = z.object({
  /** Whatever it is: addresses beside an error are judged too. */
  Status: z.int(),
  // Cut off: what is missing may be the address that matters.
  TC: z.literal(false).optional(),
  Answer: z.array(z.object({ type: z.int(), data: z.string() })).optional(),
})

/**
 * The addresses in an answer of `application/dns-json`; none where it says that there are none, or that the name's
 * own servers fail: that is the owner's to mend, and many fail for AAAA alone. Null for what is no whole answer.
 */
export function readAddresses(text: string): Addresses {
  const { data: answer } = dnsAnswer.safeParse(parsed(text))
  if (answer === undefined) return null
  const types: readonly number[] = Object.values(ADDRESS_TYPES)
  return (answer.Answer ?? []).filter(({ type }) => types.includes(type)).map(({ data }) => data)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Throws when it breaks off or is absurdly long. */
async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > MAX_ANSWER_CHARACTERS) throw new Error('answer too large')
  }
  return text
}
