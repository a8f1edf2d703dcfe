/**
 * The catalogue of the built-in provider: every plan code that public material names, with the prices and
 * limits seen there. Where nothing is published (PREPAID_OOREDOO, the price of the fixed plans) the values
 * are plausible and stay close to the neighbours'.
 */

/** What a number must start with to belong to the network a plan is for. */
export type Network = 'Djezzy' | 'Mobilis' | 'Ooredoo'

interface PlanBase {
  readonly code: string
  readonly name: string
  /** The word on the wire; GMobilis and Pixx are both sold on the Mobilis network. */
  readonly operator: string
  readonly network: Network
  /** Wholesale multiplier of the face value; null where the provider sends none (then 1 is charged). */
  readonly cost: number | null
}

/** Any whole amount between the limits, in DZD. */
export interface DynamicPlan extends PlanBase {
  readonly kind: 'dynamic'
  readonly minAmount: number
  readonly maxAmount: number
}

/** One price, in DZD. */
export interface FixedPlan extends PlanBase {
  readonly kind: 'fixed'
  readonly amount: number
}

/** GETMENU: asks which offers a number may get; listed like a dynamic plan, never charged. */
export interface MenuPlan extends PlanBase {
  readonly kind: 'menu'
  readonly minAmount: number
  readonly maxAmount: number
}

export type Plan = DynamicPlan | FixedPlan | MenuPlan

export interface PlanOffer {
  readonly typename: string
  readonly plan_code: string
  readonly amount: number
}

const PREPAID_NAME = '📱 PREPAID | عادي'
const FACTURE_NAME = '📋 FACTURE | فاتورة'
const MENU_MIN_DZD = 50
const MENU_MAX_DZD = 5000
const MENU_COST = 0.98
/** Prices are kept as ten-thousandths so that 102 × 0.9925 rounds the same way everywhere. */
const COST_SCALE = 10_000

function menu(network: Network): MenuPlan {
  return {
    kind: 'menu',
    code: `GETMENU_${network}`,
    name: `${network} GetMenu`,
    operator: network,
    network,
    cost: MENU_COST,
    minAmount: MENU_MIN_DZD,
    maxAmount: MENU_MAX_DZD,
  }
}

function dynamic(
  code: string,
  name: string,
  network: Network,
  cost: number | null,
  limits: readonly [number, number],
  operator: string = network,
): DynamicPlan {
  return { kind: 'dynamic', code, name, operator, network, cost, minAmount: limits[0], maxAmount: limits[1] }
}

function fixed(
  code: string,
  name: string,
  network: Network,
  cost: number,
  amount: number,
  operator: string = network,
): FixedPlan {
  return { kind: 'fixed', code, name, operator, network, cost, amount }
}

const PLANS: readonly Plan[] = [
  dynamic('PREPAID_DJEZZY', PREPAID_NAME, 'Djezzy', 0.9925, [100, 10_000]),
  dynamic('FACTURE_DJEZZY', FACTURE_NAME, 'Djezzy', 0.9925, [100, 10_000]),
  dynamic('PREPAID_MOBILIS', PREPAID_NAME, 'Mobilis', 0.96, [40, 3999]),
  dynamic('GROS_MOBILIS', '📱 GROS MOBILIS | جملة', 'Mobilis', null, [5000, 300_000], 'GMobilis'),
  dynamic('PREPAID_OOREDOO', PREPAID_NAME, 'Ooredoo', 0.98, [50, 5000]),
  menu('Mobilis'),
  menu('Djezzy'),
  menu('Ooredoo'),
  fixed('MIX500_MOBILIS', '📱🌐 AUTO | MIX 500', 'Mobilis', 0.97, 500),
  fixed('MIX1000_OOREDOO', '📱🌐 AUTO | MIX 1000', 'Ooredoo', 0.98, 1000),
  fixed('PIXX_500', 'Pixx 500 DA', 'Mobilis', 0.97, 500, 'Pixx'),
]

const BY_CODE: ReadonlyMap<string, Plan> = new Map(PLANS.map((plan) => [plan.code, plan]))

/** Codes are case-sensitive: the GETMENU ones are written in mixed case by the provider itself. */
export function findPlan(code: string): Plan | null {
  return BY_CODE.get(code) ?? null
}

/** What a top-up takes from the balance, in centimes: face value × cost, rounded to two decimals. */
export function chargeCentimes(planCode: string, amount: number): number {
  const plan = findPlan(planCode)
  if (plan === null || plan.kind === 'menu') return 0
  const scaledCost = Math.round((plan.cost ?? 1) * COST_SCALE)
  return Math.round((amount * scaledCost) / (COST_SCALE / 100))
}

/** What the operator proposes instead of `plan` when the number does not take it. */
export function offersInstead(plan: Plan, amount: number): PlanOffer[] {
  const alternatives = PLANS.filter((other) => other.network === plan.network && other.kind !== 'menu')
  if (plan.kind === 'menu') return alternatives.map((other) => offer(other, amount))
  const wanted = plan.code.startsWith('PREPAID_')
    ? alternatives.find((other) => other.code.startsWith('FACTURE_') || other.kind === 'fixed')
    : alternatives.find((other) => other.code.startsWith('PREPAID_'))
  return wanted === undefined ? [] : [offer(wanted, amount)]
}

function offer(plan: Plan, wantedAmount: number): PlanOffer {
  const amount =
    plan.kind === 'fixed' ? plan.amount : Math.min(Math.max(wantedAmount, plan.minAmount), plan.maxAmount)
  return { typename: plan.name, plan_code: plan.code, amount }
}

/** The `data` of `GET /v3/mobile/plans`. */
export function catalogue() {
  const common = (plan: Plan) => ({
    code: plan.code,
    name: plan.name,
    operator: plan.operator,
    ...(plan.cost === null ? {} : { cost: plan.cost }),
    isEnabled: true,
  })
  return {
    dynamicPlans: PLANS.flatMap((plan) =>
      plan.kind === 'fixed'
        ? []
        : [{ ...common(plan), min_amount: plan.minAmount, max_amount: plan.maxAmount }],
    ),
    fixedPlans: PLANS.flatMap((plan) =>
      plan.kind === 'fixed' ? [{ ...common(plan), amount: plan.amount }] : [],
    ),
  }
}
