/** The provider's plans: how long they are believed, and what they say of a send before it costs money. Pure. */
import * as z from 'zod'
import type { Warning } from '../order/state'

/** As the wallet keeps them: `data` of `GET /v3/mobile/plans`, untouched. */
export interface KeptPlans {
  /** Unix ms. */
  readonly readAt: number
  readonly dataJson: string
}

/** The list is stable; the provider advises a daily sync, clients in the field keep it for 6 h. */
export const FRESH_MS = 6 * 3_600_000
/** Before a send is refused, plans older than this are read again: a plan may have been added since. */
export const SURE_MS = 5 * 60_000
/** A provider that is down is not asked for its plans by every send. */
const ASK_AGAIN_MS = 60_000

export function isFresh({ readAt }: KeptPlans, now: number, maxAgeMs = FRESH_MS): boolean {
  return now - readAt < maxAgeMs
}

export function shouldAsk(askedAt: number, now: number): boolean {
  return now - askedAt >= ASK_AGAIN_MS
}

export type Plan =
  | ({ readonly kind: 'dynamic'; readonly minDzd: number; readonly maxDzd: number } & Terms)
  | ({ readonly kind: 'fixed'; readonly priceDzd: number } & Terms)
  /** Asks which offers a number may get; costs nothing. */
  | { readonly kind: 'menu'; readonly network: Network }
  | { readonly kind: 'disabled' }

interface Terms {
  readonly network: Network
  /** What the account pays, as a share of the face value; null while it is not told. */
  readonly cost: number | null
}

export type Network = 'Ooredoo' | 'Mobilis' | 'Djezzy' | null

export type Catalogue = ReadonlyMap<string, Plan>

const common = {
  code: z.string(),
  operator: z.string().catch(''),
  isEnabled: z.boolean().catch(true),
  cost: z.number().positive().nullable().catch(null),
}
const plansAnswer = z.object({
  dynamicPlans: z.array(z.object({ ...common, min_amount: z.number(), max_amount: z.number() })),
  fixedPlans: z.array(z.object({ ...common, amount: z.number() })),
})

/** Null when it is no list of plans, or an empty one: then the provider alone judges. */
export function readCatalogue(dataJson: string): Catalogue | null {
  const plans = plansAnswer.safeParse(JSON.parse(dataJson))
  if (!plans.success) return null
  const { dynamicPlans, fixedPlans } = plans.data
  const catalogue = new Map<string, Plan>()
  for (const { code, operator, isEnabled, cost, min_amount, max_amount } of dynamicPlans) {
    const network = networkOf(operator, code)
    const plan: Plan = isMenu(code)
      ? { kind: 'menu', network }
      : { kind: 'dynamic', minDzd: min_amount, maxDzd: max_amount, network, cost }
    catalogue.set(code, isEnabled ? plan : { kind: 'disabled' })
  }
  for (const { code, operator, isEnabled, cost, amount } of fixedPlans) {
    const plan: Plan = { kind: 'fixed', priceDzd: amount, network: networkOf(operator, code), cost }
    catalogue.set(code, isEnabled ? plan : { kind: 'disabled' })
  }
  return catalogue.size === 0 ? null : catalogue
}

/** Why the provider would refuse it, in its words; `field` is the wire's name. */
export interface Objection {
  readonly field: 'plan_code' | 'amount'
  readonly message: string
}

/** `amountDzd` null is a send without one, which fixed and GETMENU plans allow, like 0. */
export function objection(
  catalogue: Catalogue,
  { planCode, amountDzd }: { planCode: string; amountDzd: number | null },
): Objection | null {
  // Asking for the offers of a number costs nothing, so there is nothing to save.
  if (isMenu(planCode)) return null
  const plan = catalogue.get(planCode)
  if (plan === undefined) {
    return { field: 'plan_code', message: 'body/plan_code must be equal to one of the allowed values' }
  }
  switch (plan.kind) {
    case 'disabled':
      return { field: 'plan_code', message: `body/plan_code: the plan '${planCode}' is switched off` }
    case 'menu':
      return null
    case 'fixed':
      return !amountDzd || amountDzd === plan.priceDzd
        ? null
        : { field: 'amount', message: `body/amount must be equal to constant ${plan.priceDzd}` }
    case 'dynamic':
      if (amountDzd === null) {
        return { field: 'amount', message: "body must have required property 'amount'" }
      }
      if (amountDzd < plan.minDzd)
        return { field: 'amount', message: `body/amount must be >= ${plan.minDzd}` }
      if (amountDzd > plan.maxDzd)
        return { field: 'amount', message: `body/amount must be <= ${plan.maxDzd}` }
      return null
  }
}

/** What the customer gets, DZD; null when only the provider knows. */
export function faceValueDzd(
  plan: Plan | undefined,
  { planCode, amountDzd }: { planCode: string; amountDzd: number | null },
): number | null {
  if (isMenu(planCode)) return 0
  // On a fixed plan the provider ignores the amount, and an unknown plan may be one.
  if (plan?.kind === 'fixed') return plan.priceDzd
  return plan?.kind === 'dynamic' ? amountDzd || null : null
}

/** What the account is charged, DZD; null when only the provider knows it. */
export function chargeDzd(
  plan: Plan | undefined,
  request: { planCode: string; amountDzd: number | null },
): number | null {
  const value = faceValueDzd(plan, request)
  if (value === 0) return 0
  const cost = plan?.kind === 'fixed' || plan?.kind === 'dynamic' ? plan.cost : null
  return value === null || cost === null ? null : Math.round(value * cost * 100) / 100
}

/** What the number was when it was given out. */
export function usualNetwork(msisdn: string): Network {
  const prefix = msisdn.slice(0, 2)
  return prefix === '05' || prefix === '06' || prefix === '07' ? PREFIXES[prefix] : null
}

const PREFIXES = { '05': 'Ooredoo', '06': 'Mobilis', '07': 'Djezzy' } as const

/** A hint only: numbers keep their prefix when they change the operator, so the provider has the last word. */
export function prefixWarning(plan: Plan | undefined, planCode: string, msisdn: string): Warning | null {
  const network = plan === undefined || plan.kind === 'disabled' ? null : plan.network
  const prefix = msisdn.slice(0, 2)
  const usual = usualNetwork(msisdn)
  if (network === null || usual === null || usual === network) return null
  const message = `${prefix} is usually ${usual}, and ${planCode} is for ${network}: unless the number was ported, the operator will refuse it`
  return { code: 'PREFIX_MISMATCH', message }
}

/** GETMENU codes are listed like dynamic plans and sent without an amount. */
function isMenu(code: string): boolean {
  return code.toUpperCase().startsWith('GETMENU')
}

/** `GMobilis` and `Pixx` are sold on the Mobilis network. */
function networkOf(operator: string, code: string): Network {
  const words = `${operator} ${code}`.toLowerCase()
  if (words.includes('djezzy')) return 'Djezzy'
  if (words.includes('ooredoo')) return 'Ooredoo'
  return words.includes('mobilis') || words.includes('pixx') ? 'Mobilis' : null
}
