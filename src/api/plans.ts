/** The plan catalogue at the edge: what it says of a send before the send costs anything. */
import { type Env, walletByName } from '../env'
import type { Terms } from '../order/admission'
import type { Intent, Refusal } from '../order/state'
import { within } from '../order/submit'
import { logError } from '../platform/log'
import {
  type Catalogue,
  FRESH_MS,
  faceValueDzd,
  isFresh,
  type KeptPlans,
  objection,
  prefixWarning,
  readCatalogue,
  SURE_MS,
} from '../provider/catalogue'

/** Between questions to the wallet, which keeps the plans for hours. */
const MEMORY_MS = 60_000
/** A send waits no longer for the first catalogue; without one the provider alone judges. */
const PATIENCE_MS = 900

interface Known {
  readonly plans: KeptPlans
  readonly catalogue: Catalogue | null
  readonly until: number
}

const memory = new Map<string, Known>()
const MEMORY_ENTRIES = 1_000

/** Null while the provider's plans were never read. Never throws. */
export async function plansOf(env: Env, wallet: string, maxAgeMs = FRESH_MS): Promise<Known | null> {
  const known = memory.get(wallet)
  const now = Date.now()
  if (known !== undefined && known.until > now && isFresh(known.plans, now, maxAgeMs)) return known
  try {
    const plans = await walletByName(env, wallet).plans(maxAgeMs)
    return plans === null ? null : remember(wallet, plans)
  } catch (error) {
    logError('plans.wallet', error)
    return known ?? null
  }
}

/** What the catalogue knows of a send. Only a new one refuses: an older one may lack a plan that exists. */
export async function termsFromPlans(
  env: Env,
  wallet: string,
  { planCode, msisdn, amountDzd }: Intent['request'],
): Promise<Pick<Terms, 'objection' | 'warnings' | 'valueDzd'>> {
  const request = { planCode, amountDzd }
  let known = await within(PATIENCE_MS, plansOf(env, wallet))
  if (wrongWith(known, request) !== null) known = await within(PATIENCE_MS, plansOf(env, wallet, SURE_MS))
  const plan = known?.catalogue?.get(planCode)
  const warning = prefixWarning(plan, planCode, msisdn)
  const isSure = known !== null && isFresh(known.plans, Date.now(), SURE_MS)
  const wrong = isSure ? wrongWith(known, request) : null
  return {
    objection: wrong === null ? null : refusal(wrong, { plan_code: planCode, amount: amountDzd }),
    warnings: warning === null ? [] : [warning],
    valueDzd: faceValueDzd(plan, request),
  }
}

function wrongWith(known: Known | null, request: Pick<Intent['request'], 'planCode' | 'amountDzd'>) {
  return known?.catalogue == null ? null : objection(known.catalogue, request)
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
