/** Makes one part of a run on one account, and says how the run goes on after it. */
import { type Env, walletByName } from '../env'
import { logError } from '../platform/log'
import { accountPorts } from './account-ports'
import { type Advanced, advance } from './advance'
import type { Finding } from './finding'
import type { Ports } from './ports'
import { abandoned, blocked, done, type Queued } from './progress'
import type { Run } from './run'

/** What only the reconciler can do. */
interface Ways {
  wallet(): string
  /** Keeps a finding that is no merchant's. */
  findNobodys(finding: Finding): void
}

/** Of one alarm. What it learns of merchants is as old as the alarm at most. */
export class Parts {
  readonly #env: Env
  readonly #ways: Ways
  readonly #until: number
  readonly #ports = new Map<string, Ports>()

  /** `until`: nothing is read from then on, unix ms. */
  constructor(env: Env, ways: Ways, until: number) {
    this.#env = env
    this.#ways = ways
    this.#until = until
  }

  /** Never throws: who cannot be reached now is asked again later. */
  async next(item: Queued): Promise<Queued> {
    const { run } = item
    try {
      const wallet = walletByName(this.#env, this.#ways.wallet())
      const account = item.account ?? (await wallet.account())
      if (account === null) return blocked(item, run, 'there is no credential for the account', Date.now())
      const { run: after, blockedBy } = await this.advance(run, this.#portsOf(run, account))
      const tried = { ...item, account }
      if (blockedBy === null) return done(tried, after)
      const present = await wallet.account()
      const isOther = present !== null && present !== account
      if (isOther) return abandoned(tried, after, 'the credential at the provider was changed')
      return blocked(tried, after, blockedBy, Date.now())
    } catch (error) {
      logError('reconcile.part', error, { wallet: this.#ways.wallet(), report: run.id })
      return blocked(item, run, 'a part of the gateway did not answer', Date.now())
    }
  }

  /** What a part is, and what it proves. */
  advance(run: Run, ports: Ports): Promise<Advanced> {
    return advance(run, ports)
  }

  #portsOf({ id, environment, merchantId }: Run, account: string): Ports {
    const subject = { environment, wallet: this.#ways.wallet(), account, merchantId, until: this.#until }
    const ports =
      this.#ports.get(id) ?? accountPorts(this.#env, subject, (finding) => this.#ways.findNobodys(finding))
    this.#ports.set(id, ports)
    return ports
  }
}
