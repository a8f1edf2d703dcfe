/**
 * The Durable Object of the reconciliations of one provider account, named like its wallet. It only carries runs from one part to the
 * next, one at a time, in alarms: each part is kept with the next alarm, so that whatever dies goes on where it was. What a part is, and
 * what it proves, is in advance.ts.
 */
import { DurableObject } from 'cloudflare:workers'
import type { Env } from '../env'
import {
  type Closed,
  type Closing,
  type FindingFilter,
  type FindingPage,
  Findings,
  type ListedFinding,
} from '../merchant/findings'
import { type ReportPage, Reports } from '../merchant/reports'
import { sandboxAccount } from '../order/name'
import type { Environment } from '../order/state'
import { log, logError } from '../platform/log'
import { inSnakeCase } from '../platform/snake-case'
import type { Finding } from './finding'
import { NextAlarm } from './next-alarm'
import { Parts } from './parts'
import { Planned } from './planned'
import { begun, ended, type Queued, queue } from './progress'
import type { Started, Wanted } from './reconciler-calls'
import type { Report } from './report'
import { newRun, newRunId } from './run'
import { RunQueue } from './run-queue'
import { reportOf, Telling } from './telling'
import type { PlannedTrigger } from './timetable'

/** The platform ends an alarm after 15 minutes. No part is begun after the first of these, and nothing read after the second. */
const BEGIN_PARTS_MS = 5 * 60_000
const READ_MS = 12 * 60_000

export class Reconciler extends DurableObject<Env> {
  readonly #queue: RunQueue
  readonly #planned: Planned
  readonly #reports: Reports
  readonly #findings: Findings
  readonly #telling: Telling
  readonly #alarm: NextAlarm
  readonly #ways = {
    wallet: () => this.#name,
    findNobodys: (finding: Finding) => this.#findings.add(finding),
  }
  #working: Promise<void> | null = null

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    const { kv, sql } = ctx.storage
    this.#queue = new RunQueue(kv)
    this.#planned = new Planned(kv)
    this.#reports = new Reports(sql)
    this.#findings = new Findings(ctx.storage)
    this.#telling = new Telling(env, kv, () => this.#name)
    this.#alarm = new NextAlarm(ctx.storage, () => this.#wantedAt)
  }

  /** Somebody wants it: it begins when nothing else runs. `busy` while another of his is not over. */
  start(wanted: Wanted): Started {
    const isHis = ({ run }: Queued) => run.trigger === 'demand' && run.merchantId === wanted.merchantId
    const known = this.#queue.all.find(isHis)
    if (known !== undefined) return { kind: 'busy', id: known.run.id }
    const now = Date.now()
    const item = queue(newRun(newRunId(), wanted, 'demand', now))
    this.#commit(() => this.#enqueue(item), now)
    return { kind: 'started', report: reportOf(item.run, this.#name, now) }
  }

  /** Cron wants it, of everybody's orders. Once for each end of a window, and not while one of the same trigger is not over. */
  plan(trigger: PlannedTrigger, environment: Environment, from: number, to: number): void {
    const isUnderWay = this.#queue.all.some(({ run }) => run.trigger === trigger)
    const window = isUnderWay ? null : this.#planned.next(trigger, { from, to })
    if (window === null) {
      this.#healSoon()
      return
    }
    const now = Date.now()
    const wanted: Wanted = { merchantId: null, environment, ...window, checkIndex: 'sample' }
    this.#commit(() => {
      this.#enqueue(queue(newRun(newRunId(), wanted, trigger, now)))
      this.#planned.note(trigger, to)
    }, now)
  }

  /** Of the operator's account: up to when the daily reconciliations of all accounts are planned, unix ms; 0 before the first. */
  walkedUpTo(): number {
    return this.#planned.walkedUpTo
  }

  noteWalk(upTo: number): void {
    this.#planned.noteWalk(upTo)
  }

  /** While it runs, as far as it is. Null when there is none such: of a merchant's, what came of it is in his book. */
  report(id: string): Report | null {
    this.#healSoon()
    return this.#live(id) ?? this.#telling.report(id) ?? this.#reports.get(this.#environment, id)
  }

  /** Of the whole account, newest first, of 90 days. */
  reports(limit: number, before: string | null): ReportPage {
    const { items, next } = this.#reports.list(this.#environment, { state: null, limit, before })
    return { items: items.map((report) => this.#live(report.id) ?? report), next }
  }

  /** Those that are of no merchant, newest first. */
  findings(filter: FindingFilter): FindingPage {
    return this.#findings.list(filter)
  }

  finding(environment: Environment, id: string): ListedFinding | null {
    return this.#findings.get(environment, id)
  }

  closeFinding(environment: Environment, id: string, closing: Closing): Closed {
    return this.#findings.close(environment, id, closing)
  }

  /** Never throws: seven throws in a row would erase the alarm for good. */
  override async alarm(): Promise<void> {
    this.#working ??= this.#work().finally(() => {
      this.#working = null
    })
    await this.#working
  }

  async #work(): Promise<void> {
    const startedAt = Date.now()
    this.#alarm.forget()
    try {
      const parts = new Parts(this.env, this.#ways, startedAt + READ_MS)
      for (let item = this.#begin(startedAt); item !== null; item = this.#due()) {
        if (Date.now() - startedAt >= BEGIN_PARTS_MS) break
        this.#keep(await parts.next(item), item)
      }
      await this.#telling.tell(Date.now())
    } catch (error) {
      logError('reconcile.alarm', error, { wallet: this.#name })
    }
    this.#alarm.rest(Date.now())
  }

  /** The alarm's first part. */
  #begin(now: number): Queued | null {
    const item = this.#due()
    if (item === null) return null
    const next = begun(item, now)
    this.#keep(next, item)
    return next.deaths > item.deaths ? next : this.#due()
  }

  #due(): Queued | null {
    const { first } = this.#queue
    return first !== null && first.retryAt <= Date.now() ? first : null
  }

  /** One value in the table of keys, and the alarm: after that the part is done, and never again. */
  #keep(after: Queued, before: Queued): void {
    try {
      this.#commit(() => (after.run.isOver ? this.#end(after) : this.#queue.put(after)), Date.now())
    } catch (error) {
      // Too much for one value, perhaps; it would be so the next time, and nobody behind it would have his turn.
      logError('reconcile.keep', error, { wallet: this.#name, report: before.run.id })
      this.#commit(() => this.#end(ended(before, 'what was found could not be kept')), Date.now())
    }
  }

  #enqueue(item: Queued): void {
    this.#queue.put(item)
    if (item.run.merchantId === null) this.#reports.keep(reportOf(item.run, this.#name, item.run.startedAt))
  }

  #end(item: Queued): void {
    const { run } = item
    const now = Date.now()
    const report = reportOf(run, this.#name, now)
    if (run.merchantId === null) this.#reports.keep(report)
    this.#reports.forget(now)
    this.#telling.add(run, now)
    this.#queue.remove(item)
    const { id, trigger, state, counts, findings, pagesRead, startedAt } = report
    log('reconcile.ended', {
      wallet: this.#name,
      report: id,
      trigger,
      merchant: run.merchantId,
      state,
      duration_ms: now - startedAt,
      pages_read: pagesRead,
      ...inSnakeCase(counts),
      findings: Object.values(findings).reduce((sum, count) => sum + count, 0),
    })
  }

  #commit(write: () => void, now: number): void {
    try {
      this.ctx.storage.transactionSync(() => {
        write()
        this.#alarm.arm(now)
      })
    } catch (error) {
      this.#alarm.forget()
      throw error
    }
  }

  /** An alarm that was lost is set anew by whoever comes by. */
  #healSoon(): void {
    if (this.#working !== null) return
    const healing = this.#alarm.heal(Date.now())
    this.ctx.waitUntil(healing.catch((error: unknown) => logError('reconcile.heal', error)))
  }

  get #wantedAt(): number | null {
    const times = [this.#queue.first?.retryAt ?? null, this.#telling.dueAt].filter((time) => time !== null)
    return times.length === 0 ? null : Math.min(...times)
  }

  #live(id: string): Report | null {
    const item = this.#queue.get(id)
    return item === null ? null : reportOf(item.run, this.#name, Date.now())
  }

  get #environment(): Environment {
    return sandboxAccount(this.#name) === null ? 'production' : 'sandbox'
  }

  get #name(): string {
    const { name } = this.ctx.id
    if (name === undefined) throw new Error('a reconciler is addressed by name')
    return name
  }
}
