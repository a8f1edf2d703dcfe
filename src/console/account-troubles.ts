/** What the operator should look at in a provider account, by the names of `texts.operator.troubles`. Pure. */
import { sandboxAccount } from '../order/name'
import { lowBy } from '../provider/funds'
import type { walletView } from '../provider/view'
import type { Report } from '../reconcile/report'

/** The statement is read every 20 to 30 s while there are sends. */
const BLIND_MS = 5 * 60_000
/** For so long after the last send it goes on; the sandbox's is nobody's money. */
const AUDITED_MS = 6 * 3_600_000
/** What the provider changed earlier somebody has read by now. */
const DRIFT_MS = 24 * 3_600_000

/** Times are unix ms. */
export interface AccountState {
  readonly view: ReturnType<typeof walletView>
  readonly lastSendAt: number | null
  /** Of the whole account, the newest first. */
  readonly reports: readonly Report[]
  readonly openFindings: number
}

const TONES = {
  breaker_open: 'back',
  difference: 'back',
  low: 'back',
  findings: 'doubt',
  breaker_half_open: 'doubt',
  paused: 'doubt',
  slowed: 'doubt',
  blind: 'doubt',
  drift: 'doubt',
  waiting: 'wait',
} as const

export type Trouble = keyof typeof TONES

/** The gravest first, each with its tone. */
export function troublesOf(state: AccountState, now: number): [Trouble, (typeof TONES)[Trouble]][] {
  const { breaker, reads, sends, drift } = state.view
  const budgets = [reads, sends]
  const is: Record<Trouble, boolean> = {
    breaker_open: breaker.state === 'open',
    difference: (differenceDzd(state.reports) ?? 0) !== 0,
    low: isLow(state.view),
    findings: state.openFindings > 0,
    breaker_half_open: breaker.state === 'half_open',
    paused: budgets.some(({ paused_until }) => paused_until !== null),
    slowed: budgets.some(({ rate_per_minute, limit_per_minute }) => rate_per_minute < limit_per_minute),
    blind: isBlind(state, now),
    drift: drift.some(({ last_at }) => last_at !== null && now - Date.parse(last_at) < DRIFT_MS),
    waiting: sends.waiting > 0,
  }
  return Object.entries(TONES).flatMap(([name, tone]) => {
    const trouble = name as Trouble
    return is[trouble] ? [[trouble, tone]] : []
  })
}

/** What the newest comparison that is over could not explain; null while there is none that tells. */
export function differenceDzd(reports: readonly Report[]): number | null {
  const told = reports.find(({ endedAt, balance }) => endedAt !== null && balance !== null)
  return told?.balance == null ? null : told.balance.differenceCentimes / 100
}

function isLow({ balance: { dzd, hours_left }, settings }: AccountState['view']): boolean {
  const mark = { dzd: settings.low_balance_dzd, hours: settings.low_balance_hours }
  return dzd !== null && lowBy(dzd, hours_left, mark) !== null
}

function isBlind({ view, lastSendAt }: AccountState, now: number): boolean {
  if (sandboxAccount(view.id) !== null || lastSendAt === null || now - lastSendAt > AUDITED_MS) return false
  const { statement_read_at } = view.balance
  const blindSince = statement_read_at === null ? lastSendAt : Date.parse(statement_read_at)
  return now - blindSince > BLIND_MS
}
