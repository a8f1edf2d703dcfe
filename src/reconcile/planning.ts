/** Cron, every minute: which accounts are reconciled now. One that fails does not stop the others. */
import { bookOf, type Env, reconcilerByName, walletByName } from '../env'
import { OPERATOR_WALLET, sandboxAccount, walletName } from '../order/name'
import { log, logError } from '../platform/log'
import { merchantIds } from './every-merchant'
import {
  dailyWindow,
  isActive,
  isSentSince,
  mayPlanDaily,
  type PlannedTrigger,
  type PlannedWindow,
  recentWindow,
} from './timetable'

/** Never throws: what failed is planned with the next quarter of an hour. */
export async function planReconciliations(env: Env, scheduledTime: number): Promise<void> {
  try {
    const recent = recentWindow(scheduledTime)
    if (recent !== null) await planRecent(env, recent)
    if (mayPlanDaily(scheduledTime)) await planDaily(env, dailyWindow(scheduledTime))
  } catch (error) {
    logError('cron.plan', error)
  }
}

async function planRecent(env: Env, window: PlannedWindow): Promise<void> {
  const walk = new Walk(env, 'recent', window)
  const isUsed = async (wallet: string) => isActive(await walletByName(env, wallet).lastSendAt(), window.to)
  await walk.visit(OPERATOR_WALLET, isUsed)
  for await (const merchantId of merchantIds(env)) {
    await walk.attempt(merchantId, async () => {
      // Without orders there is nobody to wake.
      const { production, sandbox } = await bookOf(env, merchantId).newestOrderAt()
      if (isActive(production, window.to))
        await walk.visit(walletName(merchantId, 'production', true), isUsed)
      if (isActive(sandbox, window.to)) await walk.visit(walletName(merchantId, 'sandbox', false), isUsed)
    })
  }
}

/** Every account that was sent on in its time, or has orders that are still unknown. */
async function planDaily(env: Env, window: PlannedWindow): Promise<void> {
  const head = reconcilerByName(env, OPERATOR_WALLET)
  if ((await head.walkedUpTo()) >= window.to) return
  const walk = new Walk(env, 'daily', window)
  let hasOperatorUnknown = false
  for await (const merchantId of merchantIds(env)) {
    await walk.attempt(merchantId, async () => {
      const unknown = await bookOf(env, merchantId).walletsOfUnknown(window.to)
      hasOperatorUnknown ||= unknown.includes(OPERATOR_WALLET)
      for (const wallet of [
        walletName(merchantId, 'production', true),
        walletName(merchantId, 'sandbox', false),
      ]) {
        await walk.visit(wallet, (name) => isUsedSince(env, name, window.from, unknown.includes(name)))
      }
    })
  }
  await walk.visit(OPERATOR_WALLET, (name) => isUsedSince(env, name, window.from, hasOperatorUnknown))
  log('cron.planned_daily', { accounts: walk.planned, failed: walk.failed })
  if (walk.failed === 0) await head.noteWalk(window.to)
}

/** Nothing can be unknown on an account that nobody ever sent on, whatever rows without a wallet may mean. */
async function isUsedSince(env: Env, wallet: string, from: number, hasUnknown: boolean): Promise<boolean> {
  const lastSendAt = await walletByName(env, wallet).lastSendAt()
  return isSentSince(lastSendAt, from) || (hasUnknown && lastSendAt !== null)
}

class Walk {
  planned = 0
  failed = 0
  readonly #env: Env
  readonly #trigger: PlannedTrigger
  readonly #window: PlannedWindow

  constructor(env: Env, trigger: PlannedTrigger, window: PlannedWindow) {
    this.#env = env
    this.#trigger = trigger
    this.#window = window
  }

  async visit(wallet: string, isUsed: (wallet: string) => Promise<boolean>): Promise<void> {
    await this.attempt(wallet, async () => {
      if (!(await isUsed(wallet))) return
      const environment = sandboxAccount(wallet) === null ? 'production' : 'sandbox'
      const { from, to } = this.#window
      await reconcilerByName(this.#env, wallet).plan(this.#trigger, environment, from, to)
      this.planned++
    })
  }

  async attempt(whose: string, act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      this.failed++
      logError('cron.plan', error, { whose, trigger: this.#trigger })
    }
  }
}
