/** The provider's plan catalogue, kept with the account and read anew after hours. */
import { log } from '../platform/log'
import {
  type Catalogue,
  FRESH_MS,
  isFresh,
  type KeptPlans,
  type Plan,
  readCatalogue,
  shouldAsk,
} from './catalogue'
import type { ReadOutcome } from './classify'

export class Plans {
  readonly #kv: SyncKvStorage
  readonly #read: (path: string) => Promise<ReadOutcome>
  #asked: { readonly asking: Promise<KeptPlans | null>; readonly at: number } | null = null
  #parsed: { readonly readAt: number; readonly catalogue: Catalogue | null } | null = null

  constructor(kv: SyncKvStorage, read: (path: string) => Promise<ReadOutcome>) {
    this.#kv = kv
    this.#read = read
  }

  /** As last read; asked for anew when they are older than that (6 h), kept while the provider is down. Null before the first. */
  get(maxAgeMs: number = FRESH_MS): KeptPlans | null | Promise<KeptPlans | null> {
    const kept = this.#kept
    const now = Date.now()
    if (kept !== null && isFresh(kept, now, maxAgeMs)) return kept
    if (this.#asked === null || shouldAsk(this.#asked.at, now)) {
      this.#asked = { asking: this.#ask(kept), at: now }
    }
    return this.#asked.asking
  }

  /** As far as it is known here. */
  plan(code: string): Plan | undefined {
    const kept = this.#kept
    if (kept === null) return undefined
    if (this.#parsed?.readAt !== kept.readAt) {
      this.#parsed = { readAt: kept.readAt, catalogue: readCatalogue(kept.dataJson) }
    }
    return this.#parsed.catalogue?.get(code)
  }

  async #ask(kept: KeptPlans | null): Promise<KeptPlans | null> {
    const read = await this.#read('/v3/mobile/plans')
    if (read.kind !== 'data' || readCatalogue(read.dataJson) === null) {
      log('provider.no_plans', { reason: read.kind })
      return kept
    }
    const plans: KeptPlans = { readAt: Date.now(), dataJson: read.dataJson }
    this.#kv.put('plans', plans)
    return plans
  }

  get #kept(): KeptPlans | null {
    return this.#kv.get<KeptPlans>('plans') ?? null
  }
}
