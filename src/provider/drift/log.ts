/** The kinds of drift that were seen, each once. In memory; who keeps it saves `entries()` when something is new. */
import * as z from 'zod'
import type { Drift } from './findings'

/** A provider that changes everything at once is told in fewer. */
const MAX_KINDS = 100

/** Times are unix ms. */
export interface DriftEntry {
  readonly kind: string
  readonly firstAt: number
  readonly lastAt: number
  readonly count: number
  /** The first that was seen. */
  readonly sample: string
}

const savedEntry = z.object({
  kind: z.string(),
  firstAt: z.number(),
  lastAt: z.number(),
  count: z.number(),
  sample: z.string(),
})

export class DriftLog {
  /** The least recent first. */
  readonly #kinds = new Map<string, DriftEntry>()

  note({ kind, sample }: Drift, now: number): 'new' | 'known' {
    const known = this.#kinds.get(kind)
    this.#kinds.delete(kind)
    this.#kinds.set(
      kind,
      known === undefined
        ? { kind, firstAt: now, lastAt: now, count: 1, sample }
        : { ...known, lastAt: now, count: known.count + 1 },
    )
    this.#evict()
    return known === undefined ? 'new' : 'known'
  }

  /** What an earlier life saved, under what was noted since. What cannot be read is left out: it will be seen again. */
  load(saved: unknown): void {
    const kinds = new Map(this.entries().map((entry) => [entry.kind, entry]))
    for (const each of Array.isArray(saved) ? saved : []) {
      const read = savedEntry.safeParse(each)
      if (!read.success) continue
      const known = kinds.get(read.data.kind)
      kinds.set(read.data.kind, known === undefined ? read.data : together(read.data, known))
    }
    // As saved, most recent first; those of one moment keep their order.
    const recentFirst = [...kinds.values()].sort((a, b) => b.lastAt - a.lastAt)
    this.#kinds.clear()
    for (const entry of recentFirst.reverse()) this.#kinds.set(entry.kind, entry)
    this.#evict()
  }

  /** The most recent first. */
  entries(): DriftEntry[] {
    return [...this.#kinds.values()].reverse()
  }

  #evict(): void {
    for (const kind of this.#kinds.keys()) {
      if (this.#kinds.size <= MAX_KINDS) return
      this.#kinds.delete(kind)
    }
  }
}

function together(earlier: DriftEntry, later: DriftEntry): DriftEntry {
  return {
    kind: earlier.kind,
    firstAt: Math.min(earlier.firstAt, later.firstAt),
    lastAt: Math.max(earlier.lastAt, later.lastAt),
    count: earlier.count + later.count,
    sample: earlier.sample,
  }
}
