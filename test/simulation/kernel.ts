/**
 * Virtual time: a queue of events. Each runs in a macrotask of its own, so that all promises it settles have
 * run dry before the next; nothing in here knows what time it really is.
 */

/** Whoever runs code: an instance of an object, or the edge. What a dead one asked for never comes. */
export interface Life {
  readonly name: string
  alive: boolean
}

export interface Pending {
  cancelled: boolean
}

interface Event extends Pending {
  readonly time: number
  /** Events of one moment run in the order in which they were made. */
  readonly order: number
  readonly life: Life | null
  readonly run: () => void
}

export class Kernel {
  /** True time, unix ms. What programs read may be off by `skewMs`. */
  now: number
  skewMs = 0
  /** Whose code runs; everything that it awaits comes back as an event of its own. */
  current: Life | null = null
  events = 0
  readonly #heap: Event[] = []
  #made = 0

  constructor(startsAt: number) {
    this.now = startsAt
  }

  /** What `Date.now()` tells. */
  get wallNow(): number {
    return Math.floor(this.now + this.skewMs)
  }

  /** `life` null: the world's own business, which no crash stops. */
  after(delayMs: number, life: Life | null, run: () => void): Pending {
    return this.at(this.now + Math.max(0, delayMs), life, run)
  }

  at(time: number, life: Life | null, run: () => void): Pending {
    const event: Event = { time, order: this.#made++, life, run, cancelled: false }
    this.#push(event)
    return event
  }

  /** When something happens next; null when all is quiet. */
  get nextAt(): number | null {
    return this.#peek()?.time ?? null
  }

  /**
   * Runs until all is quiet, or until `limit`; false when there was no end after `mostEvents`. An event that throws
   * ends the run: that is a bug of the model.
   */
  run(limit: number, mostEvents = Number.POSITIVE_INFINITY): Promise<boolean> {
    return new Promise((ended, broken) => {
      let isOver = false
      const turn = () => {
        if (isOver) return
        const event = this.#peek()
        const isAtRest = event === undefined || event.time > limit
        if (isAtRest || this.events >= mostEvents) {
          isOver = true
          ended(isAtRest)
          return
        }
        this.#pop()
        this.now = Math.max(this.now, event.time)
        this.current = event.life
        this.events++
        try {
          event.run()
        } catch (error) {
          isOver = true
          broken(error)
        }
      }
      const round = () => {
        if (isOver) return
        for (let count = 0; count < TURNS_A_ROUND; count++) nextTurn(turn)
        nextTurn(round)
      }
      round()
    })
  }

  /** Skips what will never run. */
  #peek(): Event | undefined {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (!first.cancelled && first.life?.alive !== false) return first
      this.#pop()
    }
    return undefined
  }

  #push(event: Event): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(event)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent]
      if (above === undefined || !isBefore(event, above)) break
      heap[at] = above
      at = parent
    }
    heap[at] = event
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      let least = left
      const [a, b] = [heap[left], heap[left + 1]]
      if (a === undefined) break
      if (b !== undefined && isBefore(b, a)) least = left + 1
      const below = heap[least]
      if (below === undefined || !isBefore(below, last)) break
      heap[at] = below
      at = least
    }
    heap[at] = last
  }
}

/** Microtasks run dry between any two; a round of Node's event loop for each would take longer than the event. */
const TURNS_A_ROUND = 64
/** Before anybody replaces it. */
const nextTurn = setImmediate

function isBefore(a: Event, b: Event): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order)
}
