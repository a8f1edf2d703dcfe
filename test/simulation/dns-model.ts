/** The resolver that the gateway asks before each callback: every name has one public address, when it answers. */
import type { Faults } from './faults'
import { ObjectLife } from './host'
import type { Kernel } from './kernel'
import type { Asked, Reply, Server } from './network'
import { WORLD } from './platform'

export const DNS_HOST = 'dns.simulated'

const PUBLIC = { A: { type: 1, data: '8.8.8.8' }, AAAA: { type: 28, data: '2606:4700::1111' } }
const ANSWERS_MS = 4

export class Resolver implements Server {
  readonly #kernel: Kernel
  readonly #faults: Faults

  constructor({ kernel, faults }: { readonly kernel: Kernel; readonly faults: Faults }) {
    this.#kernel = kernel
    this.#faults = faults
  }

  /** A name says nothing about the order: whoever asks does. */
  keyOf(): number {
    const { current } = this.#kernel
    return current instanceof ObjectLife ? current.key : WORLD
  }

  travelMs(): number {
    return ANSWERS_MS
  }

  handle({ url }: Asked, key: number): Reply {
    if (this.#faults.strikes('dns_hangs', key)) return { kind: 'hang' }
    const failed = this.#faults.strikes('dns_fails', key)
    const record = url.searchParams.get('type') === 'AAAA' ? PUBLIC.AAAA : PUBLIC.A
    const body = JSON.stringify(failed ? { Status: 2 } : { Status: 0, Answer: [record] })
    return { kind: 'answer', afterMs: ANSWERS_MS, status: 200, body }
  }
}
