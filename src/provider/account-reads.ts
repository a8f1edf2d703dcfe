/**
 * What a reconciliation reads of a provider account: pages without end, in no hurry, within the share of the books. And of no other
 * account than it was begun on: what is not in the list of one account may well be in that of another.
 */
import type { Evidence } from '../order/history'
import type { Topup } from '../order/state'
import type { Account } from './account'
import { type ListPage, readTopup } from './classify'
import type { Window } from './list-reading'
import { readStatementPage, type StatementPage } from './movement'
import { pathOf } from './statement-reading'

/** A look-up that somebody waits for goes first, and so does a burst of them. */
export const BOOKS_PATIENCE_MS = 60_000

/** What only the wallet can do. */
interface Ways {
  /** The account as it is now; null when there is none. */
  open(wanted: string): Promise<Account | null>
  turn(patienceMs: number): Promise<boolean>
}

/** `account` is the fingerprint of the one that is meant. Null: not read. */
export class AccountReads {
  readonly #ways: Ways

  constructor(ways: Ways) {
    this.#ways = ways
  }

  async list(
    account: string,
    window: Window,
    number: number,
  ): Promise<{ page: ListPage; evidence: Evidence } | null> {
    const read = await (await this.#provider(account))?.list(window, number)
    const page = read?.page ?? null
    return read === undefined || page === null ? null : { page, evidence: read.evidence }
  }

  async statement(account: string, window: Window, page: number): Promise<StatementPage | null> {
    const read = await (await this.#provider(account))?.read(pathOf({ ...window, page }))
    return read?.kind === 'data' ? readStatementPage(read.dataJson) : null
  }

  /** By the provider's id; `none`: it says that there is no such top-up. */
  async topup(account: string, id: string): Promise<Topup | 'none' | null> {
    const provider = await this.#provider(account)
    const read = await provider?.read(`/v3/mobile/check-id/${encodeURIComponent(id)}`)
    if (read?.kind === 'refused' && read.refusal.httpStatus === 404 && read.refusal.code === 'NOT_FOUND')
      return 'none'
    const topup = read?.kind === 'data' ? readTopup(read.dataJson) : null
    return topup?.id === id ? topup : null
  }

  /** Opened once the turn has come: a minute may have passed until then. */
  async #provider(account: string): Promise<Account['provider'] | null> {
    if (!(await this.#ways.turn(BOOKS_PATIENCE_MS))) return null
    const open = await this.#ways.open(account)
    return open?.fingerprint === account ? open.provider : null
  }
}
