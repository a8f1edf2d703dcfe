/** Up to when cron has planned what, durable: what it has missed is made up for, and what it has planned is not planned again. */
import { type PlannedTrigger, type PlannedWindow, windowAfter } from './timetable'

const PREFIX = 'planned:'
const WALKED = 'walked_up_to'

export class Planned {
  readonly #kv: SyncKvStorage

  constructor(kv: SyncKvStorage) {
    this.#kv = kv
  }

  /** Null when the window is planned already. */
  next(trigger: PlannedTrigger, window: PlannedWindow): PlannedWindow | null {
    return windowAfter(trigger, window, this.#kv.get<number>(PREFIX + trigger) ?? null)
  }

  note(trigger: PlannedTrigger, upTo: number): void {
    this.#kv.put(PREFIX + trigger, upTo)
  }

  get walkedUpTo(): number {
    return this.#kv.get<number>(WALKED) ?? 0
  }

  noteWalk(upTo: number): void {
    this.#kv.put(WALKED, Math.max(upTo, this.walkedUpTo))
  }
}
