/** A finding as merchants and the operator are shown it: what both sides say, and what may be done. Pure. */
import type { ListedFinding } from '../merchant/findings'
import { inSnakeCase } from '../platform/snake-case'
import { type Side, SUGGESTED_ACTIONS } from './finding'

export function findingView(finding: ListedFinding) {
  const { id, kind, state, foundAt, ref, upstream, ours, closing } = finding
  return {
    id,
    kind,
    state,
    found_at: iso(foundAt),
    ref,
    action: SUGGESTED_ACTIONS[kind],
    upstream: sideView(upstream, finding),
    ours: sideView(ours, finding),
    closed_at: closing === null ? null : iso(closing.at),
    closed_by: closing?.by ?? null,
    note: closing?.note ?? null,
  }
}

export type FindingView = ReturnType<typeof findingView>

/** It is kept under the names of the code, where times are unix ms. What only repeats the finding is left out. */
function sideView(side: Side | null, finding: ListedFinding): Record<string, string | number | null> | null {
  if (side === null) return null
  const facts = Object.entries(side).filter(([name, value]) => {
    return !((name === 'id' && value === finding.id) || (name === 'kind' && value === finding.kind))
  })
  const shown = facts.map(([name, value]) => {
    const isTime = typeof value === 'number' && (name === 'at' || name.endsWith('At'))
    return [name, isTime ? iso(value) : value] as const
  })
  return inSnakeCase<string | number | null>(Object.fromEntries(shown))
}

const iso = (time: number): string => new Date(time).toISOString()
