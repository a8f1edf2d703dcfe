import { listen } from './loopback'

const TYPES: Readonly<Record<string, number>> = { A: 1, CNAME: 5, AAAA: 28 }
const NO_SUCH_NAME = 3

export interface DnsAnswer {
  readonly a?: readonly string[]
  readonly aaaa?: readonly string[]
  /** Comes before the addresses. */
  readonly cname?: string
  /** The resolver itself fails with this HTTP status. */
  readonly failure?: number
}

export interface Dns {
  /** Give it to the gateway as DNS_URL. */
  readonly url: string
  /** How often a host's addresses were asked for. */
  asked(host: string): number
  /** What a host's next look-ups find, one each; the last of them from then on. Others do not exist. */
  tell(host: string, ...answers: DnsAnswer[]): void
}

/** A resolver over HTTPS, as far as callbacks use one, that tells whatever it is told to: lies too. */
export async function startDns(): Promise<Dns> {
  const known = new Map<string, readonly DnsAnswer[]>()
  const counts = new Map<string, number>()

  /** Both kinds of address are asked for at once, so the n-th question of each is the n-th look-up. */
  function next(host: string, type: string): DnsAnswer | undefined {
    const count = counts.get(`${host} ${type}`) ?? 0
    counts.set(`${host} ${type}`, count + 1)
    const answers = known.get(host) ?? []
    return answers[Math.min(count, answers.length - 1)]
  }

  const origin = await listen((request, _, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://dns')
    const [host, type] = [searchParams.get('name') ?? '', searchParams.get('type') ?? '']
    const answer = next(host, type)
    const record = (kind: string, data: string) => ({ name: host, type: TYPES[kind], TTL: 60, data })
    const addresses = (type === 'AAAA' ? answer?.aaaa : answer?.a) ?? []
    const records = [
      ...(answer?.cname === undefined ? [] : [record('CNAME', answer.cname)]),
      ...addresses.map((address) => record(type, address)),
    ]
    const found = { Status: answer === undefined ? NO_SUCH_NAME : 0, TC: false, Answer: records }
    response.writeHead(answer?.failure ?? 200, { 'Content-Type': 'application/dns-json' })
    response.end(JSON.stringify(found))
    return Promise.resolve()
  })

  return {
    url: `${origin}/dns-query`,
    asked: (host) => counts.get(`${host} A`) ?? 0,
    tell: (host, ...answers) => {
      known.set(host, answers)
      for (const type of ['A', 'AAAA']) counts.delete(`${host} ${type}`)
    },
  }
}
