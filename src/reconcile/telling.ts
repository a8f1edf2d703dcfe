/** What has come of a run, for whom; and the way there: a report that could not be told is kept until it could. */
import { bookOf, type Env, merchantById } from '../env'
import { OPERATOR_WALLET } from '../order/name'
import { logError } from '../platform/log'
import { EMPTY_TALLY, type Report } from './report'
import { type Reports, type Run, reportsOf } from './run'

/** A run that has ended, and the merchants who have not been told yet. */
interface Untold {
  readonly run: Run
  /** Unix ms. */
  readonly endedAt: number
  readonly merchants: readonly string[]
}

const PREFIX = 'untold:'
/** The platform allows six open connections per object run. */
const PARALLEL = 6
const RETRY_MS = 5 * 60_000

/** What whoever asked for the run may see of it: the whole account, or his own part. */
export function reportOf(run: Run, wallet: string, now: number): Report {
  const reports = reportsOf(run, isShared(wallet), now)
  return run.merchantId === null ? reports.account : reportFor(reports, run.merchantId, wallet)
}

/** Also of a merchant of whom nothing was found. */
function reportFor({ account, merchants }: Reports, merchantId: string, wallet: string): Report {
  const nothing = { ...account, ...EMPTY_TALLY, balance: isShared(wallet) ? null : account.balance }
  return merchants.get(merchantId) ?? nothing
}

/** Several merchants send on it: its balance is none of theirs to know. */
function isShared(wallet: string): boolean {
  return wallet === OPERATOR_WALLET
}

export class Telling {
  readonly #env: Env
  readonly #kv: SyncKvStorage
  readonly #wallet: () => string
  /** Unix ms. */
  #retryAt = 0

  constructor(env: Env, kv: SyncKvStorage, wallet: () => string) {
    this.#env = env
    this.#kv = kv
    this.#wallet = wallet
  }

  /** In the transaction that ends the run. */
  add(run: Run, endedAt: number): void {
    const all = reportsOf(run, isShared(this.#wallet()), endedAt).merchants.keys()
    const merchants = run.merchantId === null ? Array.from(all) : [run.merchantId]
    if (merchants.length > 0) this.#kv.put<Untold>(PREFIX + run.id, { run, endedAt, merchants })
  }

  /** Of a run that has ended and is not told yet; null when there is none such. */
  report(id: string): Report | null {
    const untold = this.#kv.get<Untold>(PREFIX + id)
    return untold === undefined ? null : reportOf(untold.run, this.#wallet(), untold.endedAt)
  }

  /** When there is something to tell, unix ms; null when there is nothing. */
  get dueAt(): number | null {
    const [first] = this.#kv.list({ prefix: PREFIX, limit: 1 })
    return first === undefined ? null : this.#retryAt
  }

  /** Never throws: who could not be reached is told later. */
  async tell(now: number): Promise<void> {
    if (this.#retryAt > now) return
    for (const [key, untold] of Array.from(this.#kv.list<Untold>({ prefix: PREFIX }))) {
      const left = await this.#tellAll(untold)
      if (left.length === 0) this.#kv.delete(key)
      else if (left.length < untold.merchants.length)
        this.#kv.put<Untold>(key, { ...untold, merchants: left })
      if (left.length > 0) this.#retryAt = now + RETRY_MS
    }
  }

  /** Answers who was not reached. */
  async #tellAll({ run, endedAt, merchants }: Untold): Promise<string[]> {
    const wallet = this.#wallet()
    const reports = reportsOf(run, isShared(wallet), endedAt)
    const left: string[] = []
    const turns = merchants.values()
    const tell = async () => {
      for (const merchantId of turns) {
        try {
          await this.#tellOne(merchantId, reportFor(reports, merchantId, wallet))
        } catch (error) {
          logError('reconcile.tell', error, { merchant: merchantId, report: run.id })
          left.push(merchantId)
        }
      }
    }
    await Promise.all(Array.from({ length: PARALLEL }, tell))
    return left
  }

  /** A ref that a stranger chose may name a merchant who does not exist: no book is opened for him. */
  async #tellOne(merchantId: string, report: Report): Promise<void> {
    if ((await merchantById(this.#env, merchantId).describe()) === null) return
    await bookOf(this.#env, merchantId).reported(report)
  }
}
