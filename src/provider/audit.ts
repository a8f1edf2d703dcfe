/**
 * Reads the statement of one provider account, again and again, and tells of money that left it without an order. It only carries
 * answers to `judge` and verdicts to whoever must know; what they prove is in statement.ts, whose a debit is in explain.ts.
 */
import { logError } from '../platform/log'
import type { ReadOutcome } from './classify'
import { explain, type Ownership } from './explain'
import { brokenChain, type Incident, orphan } from './incident'
import { dzdOf } from './movement'
import { type Judged, judge, type Reading } from './statement'
import { type OpenReading, openReading, pathOf, readingOf, turnPage } from './statement-reading'
import {
  askedInVain,
  dueOf,
  type Held,
  isWorthSaving,
  mustBeTold,
  readState,
  type StatementState,
  withAskedAgain,
  withoutOurs,
  withSettled,
} from './statement-state'

/** Of a run: the wallet's own reads wait for no more than these. */
const PAGES_PER_PART = 3
const MOST_PAGES_PER_RUN = 12
const LOOKS_PER_RUN = 12
const EVERY_MS = 20_000
const ACTIVE_FOR_MS = 2 * 60_000
/**
 * 60 s, less a row that shows up 10 s late, less what remains to be done. 45 s would leave 5 s, and not one read may fail then: of
 * 10,000 foreign spends in the simulation nine were told late, the last after 70 s.
 */
const IDLE_EVERY_MS = 30_000
/** After a reading that failed more than once: the first is asked for again at once. */
const RETRY_MS = 2_000

export interface AuditPorts {
  /**
   * Any `GET` of the provider; the wallet decides when. Its deadline should be 3 s: with 5 s, of 10,000 foreign spends in the
   * simulation three or four were told late, the last after 77 s, each after a loss of memory under load.
   */
  readonly read: (path: string) => Promise<ReadOutcome>
  /** Whether the wallet remembers the provider's id of a top-up that it sent. */
  readonly isOurs: (topupId: string) => boolean
  /** Whether a send of ours may have been made under an id that nobody knows yet. */
  readonly hasDoubt: () => boolean
  /** False while the provider answers nobody. */
  readonly isAnswering: () => boolean
  /** When the newest send began, unix ms by our clock; null: none since the wallet woke. */
  readonly lastSendAt: () => number | null
  /** The order object behind a ref as the provider shows it: also one that does not know its provider id yet is `ours`. */
  readonly owner: (topupId: string, shownRef: string) => Promise<Ownership>
  readonly load: () => Promise<unknown>
  readonly save: (state: StatementState) => Promise<void>
  /** May be called twice for one incident: the id is the same then. */
  readonly tell: (incident: Incident) => Promise<void>
  readonly now: () => number
}

export interface Ran {
  /** There is more than one run may do: run again at once. */
  readonly more: boolean
  /** Unix ms. */
  readonly nextRunAt: number
}

export interface Activity {
  /** Null before the first. */
  readonly readAt: number | null
  readonly lastSendAt: number | null
}

/** When the statement is read next: oftener while there are sends, since then a debit first waits to be known. */
export function nextRunAt({ readAt, lastSendAt }: Activity, now: number): number {
  if (readAt === null || readAt > now) return now
  const isActive = lastSendAt !== null && now - lastSendAt <= ACTIVE_FOR_MS
  return readAt + (isActive ? EVERY_MS : IDLE_EVERY_MS)
}

export class Audit {
  readonly #ports: AuditPorts
  #state: StatementState | null = null
  #isLoaded = false
  #open: OpenReading | null = null
  #retryAt = 0
  /** Of readings, in a row. */
  #failures = 0
  #running: Promise<Ran> | null = null

  constructor(ports: AuditPorts) {
    this.#ports = ports
  }

  /** The newest that is known, and when it was (unix ms, our clock); null before the first reading. */
  get balance(): { readonly balanceDzd: number; readonly learntAt: number } | null {
    const known = this.#state?.balance ?? null
    return known === null ? null : { balanceDzd: dzdOf(known.centimes), learntAt: known.learntAt }
  }

  /** When the statement was last read to its end: an audit that is blind must not look like one that finds nothing. */
  get readAt(): number | null {
    return this.#state?.readAt ?? null
  }

  /** A part of a reading, and of what it left to explain. One at a time; never throws. */
  run(): Promise<Ran> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  async #run(): Promise<Ran> {
    let more = false
    try {
      if (!this.#isLoaded) this.#state = readState(await this.#ports.load())
      this.#isLoaded = true
      more = await this.#readAndExplain()
    } catch (error) {
      // Storage or whoever is told: all is judged again from what was saved.
      logError('audit.run', error)
      this.#retryAt = this.#ports.now() + RETRY_MS
    }
    return { more, nextRunAt: more ? this.#ports.now() : this.#nextRunAt() }
  }

  /**
   * Side by side, each for as long as the other takes: one page, or one look, may take its whole deadline. Both change the state as it
   * is when they have their answers, and both have ended before the next run begins.
   */
  async #readAndExplain(): Promise<boolean> {
    let [isReading, isExplaining] = [true, true]
    const reading = this.#read(() => isExplaining).finally(() => {
      isReading = false
    })
    const explaining = this.#explainWhile(() => isReading).finally(() => {
      isExplaining = false
    })
    const parts = await Promise.allSettled([reading, explaining])
    for (const part of parts) if (part.status === 'rejected') throw part.reason
    return parts.some((part) => part.status === 'fulfilled' && part.value)
  }

  #nextRunAt(): number {
    const now = this.#ports.now()
    const askAt = this.#state?.held.map((held) => held.askAt) ?? []
    return Math.max(now, this.#retryAt, Math.min(this.#readingDueAt(now), ...askAt))
  }

  #readingDueAt(now: number): number {
    if (this.#open !== null) return now
    return nextRunAt({ readAt: this.readAt, lastSendAt: this.#ports.lastSendAt() }, now)
  }

  #isReadingDue(): boolean {
    const now = this.#ports.now()
    return this.#retryAt <= now && this.#readingDueAt(now) <= now
  }

  /** Answers whether there is more to read at once. */
  async #read(hasTime: () => boolean): Promise<boolean> {
    if (!this.#isReadingDue()) return false
    const { now, read } = this.#ports
    for (let pages = 1; pages <= PAGES_PER_PART || (hasTime() && pages <= MOST_PAGES_PER_RUN); pages++) {
      this.#open ??= openReading(this.#state, now())
      const turned = turnPage(this.#open, await read(pathOf(this.#open)), now())
      if (turned === null) {
        this.#failures++
        // What was read stays, unless that is nothing: then it may as well begin anew.
        if (this.#open.page === 1) this.#open = null
        this.#retryAt = now() + (this.#failures === 1 ? 0 : RETRY_MS)
        return false
      }
      this.#failures = 0
      this.#open = turned.open
      if (turned.isDone) return await this.#judge(turned.open)
      // What it left to explain need not wait for its end.
      if (pages % PAGES_PER_PART === 0) {
        await this.#keep(this.#judged({ ...readingOf(turned.open, now()), isWhole: false }).state)
      }
    }
    return true
  }

  #judged(reading: Reading): Judged {
    const { isOurs, lastSendAt } = this.#ports
    return judge(this.#state, reading, { isOurs, lastSendAt: lastSendAt() })
  }

  async #judge(open: OpenReading): Promise<boolean> {
    this.#open = null
    const { now, tell } = this.#ports
    const reading = readingOf(open, now())
    const told = new Set<string>()
    let judged = this.#judged(reading)
    // Told before it is kept, and judged again: something may have been explained meanwhile.
    for (let gap = judged.breaks[0]; gap !== undefined; ) {
      await tell(brokenChain(gap))
      told.add(gap.next.id)
      judged = this.#judged(reading)
      gap = judged.breaks.find(({ next }) => !told.has(next.id))
    }
    await this.#keep(judged.state)
    if (!reading.isWhole) this.#retryAt = now() + RETRY_MS
    return reading.isWhole && reading.until !== null
  }

  async #explainWhile(hasTime: () => boolean): Promise<boolean> {
    let more = await this.#explain()
    while (more && hasTime()) more = await this.#explain()
    return more
  }

  /** Answers whether there are more of them to explain at once. */
  async #explain(): Promise<boolean> {
    const { isOurs, hasDoubt, isAnswering, now } = this.#ports
    if (this.#state === null) return false
    this.#state = withoutOurs(this.#state, isOurs)
    const due = dueOf(this.#state, now())
    const explained = await explain(this.#ports, due, LOOKS_PER_RUN)
    const settled: Held[] = []
    const unsure: Held[] = []
    for (const { held, whose } of explained) {
      if (whose === 'ours') settled.push(held)
      else if (whose === 'foreign') settled.push(await this.#told(held, whose))
      else {
        const answer = whose === 'unsure' ? whose : isAnswering() ? 'none' : 'outage'
        const asked = askedInVain(held, answer, now())
        if (mustBeTold(asked, hasDoubt(), now())) settled.push(await this.#told(asked, 'unexplained'))
        else unsure.push(asked)
      }
    }
    await this.#keep(withAskedAgain(withSettled(this.#state, settled), unsure, now()))
    return due.length > explained.length
  }

  async #told(held: Held, certainty: Incident['certainty']): Promise<Held> {
    const { topupId } = held.movement
    // Its own answer to the send, or another look, may have come meanwhile.
    const isKnownNow = certainty === 'unexplained' && topupId !== null && this.#ports.isOurs(topupId)
    if (!isKnownNow) await this.#ports.tell(orphan(held.movement, held.ref, certainty))
    return held
  }

  async #keep(state: StatementState): Promise<void> {
    const before = this.#state
    this.#state = state
    if (isWorthSaving(before, state)) await this.#ports.save(state)
  }
}
