/** The runs of one account that wait or are under way: durable, each under a key of its own, so that a part costs one row. */
import type { Queued } from './progress'

const PREFIX = 'run:'
const TIME_DIGITS = 15

export class RunQueue {
  readonly #kv: SyncKvStorage
  /** In the order in which they were asked for. */
  readonly #items: Map<string, Queued>

  constructor(kv: SyncKvStorage) {
    this.#kv = kv
    this.#items = new Map(Array.from(kv.list<Queued>({ prefix: PREFIX }), ([, item]) => [item.run.id, item]))
  }

  get all(): Queued[] {
    return Array.from(this.#items.values())
  }

  get(id: string): Queued | null {
    return this.#items.get(id) ?? null
  }

  /** Whose turn it is. What somebody waits for goes before what cron has planned; a long run goes on behind it. */
  get first(): Queued | null {
    return this.all.find(({ run }) => run.trigger === 'demand') ?? this.all[0] ?? null
  }

  /** In a transaction: what throws is not kept. */
  put(item: Queued): void {
    this.#kv.put(keyOf(item), item)
    this.#items.set(item.run.id, item)
  }

  remove(item: Queued): void {
    this.#kv.delete(keyOf(item))
    this.#items.delete(item.run.id)
  }
}

function keyOf({ run }: Queued): string {
  return `${PREFIX}${String(run.startedAt).padStart(TIME_DIGITS, '0')}:${run.id}`
}
