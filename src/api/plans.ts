/** The plan catalogue at the edge: what it says of a send before the send costs anything. */
import { type Env, walletByName } from '../env'
import type { Terms } from '../order/admission'
import type { Intent, Refusal } from '../order/state'
import { within } from '../order/submit'
import { logError } from '../platform/log'
import {
  type Catalogue,
  faceValueDzd,
  isFresh,
  type KeptPlans,
  objection,
  prefixWarning,
  readCatalogue,
} from '../provider/catalogue'

/** Between questions to the wallet, which keeps the plans for hours. */
const MEMORY_MS = 60_000
/** A send waits no longer for the first catalogue; without one the provider alone judges. */
const PATIENCE_MS = 1_500

interface Known {
  readonly plans: KeptPlans
  readonly catalogue: Catalogue | null
  readonly until: number
}

const memory = new Map<string, Known>()
const MEMORY_ENTRIES = 1_000

/** Null while the provider's plans were never read. Never throws. */
export async function plansOf(env: Env, wallet: string): Promise<Known | null> {
  const known = memory.get(wallet)
  if (known !== undefined && known.until > Date.now()) return known
  try {
    const plans = await walletByName(env, wallet).plans()
    return plans === null ? null : remember(wallet, plans)
  } catch (error) {
    logError('plans.wallet', error)
    return known ?? null
  }
}

/** What the catalogue knows of a send. Only a fresh one refuses: an old one may lack a plan that exists. */
export async function termsFromPlans(
  env: Env,
  wallet: string,
  { planCode, msisdn, amountDzd }: Intent['request'],
): Promise<Pick<Terms, 'objection' | 'warnings' | 'valueDzd'>> {
  const known = await within(PATIENCE_MS, plansOf(env, wallet))
  const catalogue = known?.catalogue ?? null
  const plan = catalogue?.get(planCode)
  const warning = prefixWarning(plan, planCode, msisdn)
  const isBelieved = known !== null && isFresh(known.plans, Date.now())
  const wrong = catalogue !== null && isBelieved ? objection(catalogue, { planCode, amountDzd }) : null
  return {
    objection: wrong === null ? null : refusal(wrong, { plan_code: planCode, amount: amountDzd }),
    warnings: warning === null ? [] : [warning],
    valueDzd: faceValueDzd(plan, amountDzd),
  }
}

function remember(wallet: string, plans: KeptPlans): Known {
  if (memory.size >= MEMORY_ENTRIES) memory.clear()
  const known = { plans, catalogue: readCatalogue(plans.dataJson), until: Date.now() + MEMORY_MS }
  memory.set(wallet, known)
  return known
}

/** In the provider's own words for a body that is not valid. */
function refusal(
  { field, message }: { field: 'plan_code' | 'amount'; message: string },
  values: Readonly<Record<'plan_code' | 'amount', string | number | null>>,
): Refusal {
  return {
    httpStatus: 400,
    code: 'ERR_VALIDATION',
    message,
    detailsJson: JSON.stringify({ field, value: values[field] }),
    retryAfterSeconds: null,
  }
}
