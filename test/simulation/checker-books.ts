/** The promise about money that leaves the account for no order. */
import { broken, type Facts } from './checker-facts.ts'
import type { Violation } from './views.ts'

/** Only an account that was in use for so long has been read at all, whatever was down meanwhile. */
const IN_USE_MS = 65 * 60_000

/** "A gap that no known order explains is an orphan alarm": each of them, and nothing of our own. */
export function* lossesTold({ views }: Facts): Generator<Violation> {
  const { elsewhere, calls } = views.provider
  if (elsewhere === null) return
  const foreign = new Set(elsewhere.map(({ id }) => id))
  const told = new Set<string>()
  for (const { kind, topupId } of views.gateway.losses) {
    if (topupId === null || !foreign.has(topupId))
      yield broken('only what is gone is told', '', `${kind} ${topupId}`)
    else told.add(topupId)
  }
  const inUseFrom = calls.find(({ kind }) => kind === 'send')?.at ?? Number.POSITIVE_INFINITY
  for (const { id, at } of elsewhere) {
    if (at > inUseFrom + IN_USE_MS && !told.has(id))
      yield broken('what is gone is told', '', `${id} was spent by somebody else, and nobody was told`)
  }
}
