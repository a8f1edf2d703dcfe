/** The provider's word on the mobile operators, from `GET /v3/ping`. Pure. */
import * as z from 'zod'
import type { Plan } from './catalogue'

/** Asked again after this; a minute-old "down" would keep customers waiting for nothing. */
export const OPERATORS_FRESH_MS = 30_000

const ping = z.object({ operators: z.record(z.string(), z.string()) })

export type OperatorName = 'mobilis' | 'ooredoo' | 'djezzy' | 'mobilisFixedPlans'

/** Those that it calls down, in its own names; none when it says nothing that is understood. */
export function operatorsDown(dataJson: string): ReadonlySet<string> {
  const told = ping.safeParse(JSON.parse(dataJson))
  if (!told.success) return new Set()
  return new Set(
    Object.entries(told.data.operators).flatMap(([name, word]) => (word === 'down' ? [name] : [])),
  )
}

/** The operator behind a plan; null when the catalogue does not tell. */
export function operatorOf(plan: Plan | undefined): OperatorName | null {
  if (plan === undefined || plan.kind === 'disabled' || plan.network === null) return null
  if (plan.network !== 'Mobilis') return plan.network === 'Djezzy' ? 'djezzy' : 'ooredoo'
  return plan.kind === 'fixed' ? 'mobilisFixedPlans' : 'mobilis'
}
