/** What an audit told, against what was planted: every foreign spend in time, in the right words, and nothing else. */
import type { Incident } from '../../src/provider/incident'
import { EPOCH_MS, type Row } from './audit-ledger'

const ORPHAN_WITHIN_MS = 60_000
/** A gap shows with the row after it, and is believed at the second reading. */
const GAP_WITHIN_MS = 120_000
/** Rows that a refund may bring back to the balance of the gap meanwhile. */
const GAP_NAMED_WITHIN_ROWS = 20
export interface Told {
  readonly incident: Incident
  readonly at: number
}

/** Ages are milliseconds from the spend to its alarm. */
export interface Verdict {
  readonly violations: readonly string[]
  readonly orphanAges: readonly number[]
  readonly gapAges: readonly number[]
  readonly planted: { readonly orphans: number; readonly gaps: number }
  readonly unexplained: number
}

/** What was told, against what was planted. */
export function verdictOn(rows: readonly Row[], told: ReadonlyMap<string, Told>): Verdict {
  const violations: string[] = []
  const [orphanAges, gapAges]: [number[], number[]] = [[], []]
  const right = new Set<string>()
  let [orphans, gaps, unexplained] = [0, 0, 0]
  for (const [index, row] of rows.entries()) {
    if (row.whose === 'foreign') {
      orphans++
      const alarm = told.get(`orphan-${row.id}`)
      right.add(`orphan-${row.id}`)
      if (alarm === undefined) violations.push(`missed: ${describe(row)}`)
      else {
        orphanAges.push(alarm.at - row.at)
        if (alarm.incident.certainty === 'unexplained') unexplained++
        if (alarm.at - row.at > ORPHAN_WITHIN_MS)
          violations.push(`late, ${alarm.at - row.at} ms: ${describe(row)}`)
        violations.push(...wrongWords(row, alarm.incident))
      }
    }
    const next = rows[index + 1]
    if (row.whose === 'hidden' && next !== undefined && next.whose !== 'hidden') {
      gaps++
      const alarm = gapAlarm(rows, index, told)
      right.add(alarm?.incident.id ?? '')
      if (alarm === undefined) violations.push(`missed gap before ${describe(next)}`)
      else {
        gapAges.push(alarm.at - next.at)
        if (alarm.at - next.at > GAP_WITHIN_MS) violations.push(`late gap, ${alarm.at - next.at} ms`)
      }
    }
  }
  for (const [id, { incident }] of told) {
    if (!right.has(id)) violations.push(`false alarm: ${JSON.stringify(incident)}`)
  }
  return { violations, orphanAges, gapAges, planted: { orphans, gaps }, unexplained }
}

/** Where money went out and back right after it, the alarm may name the row after those: the balances are the same. */
function gapAlarm(rows: readonly Row[], hidden: number, told: ReadonlyMap<string, Told>): Told | undefined {
  const end = rows[hidden]?.after
  return rows
    .slice(hidden + 1, hidden + 1 + GAP_NAMED_WITHIN_ROWS)
    .map(({ id }) => told.get(`broken-chain-${id}`))
    .find((alarm) => alarm?.incident.balanceAfterDzd === (end ?? 0) / 100)
}

function wrongWords(row: Row, incident: Incident): string[] {
  const isRight =
    incident.at === row.at &&
    incident.amountDzd === (row.before - row.after) / 100 &&
    incident.balanceBeforeDzd === row.before / 100 &&
    incident.balanceAfterDzd === row.after / 100 &&
    incident.topupId === row.objid &&
    !incident.note.includes(row.msisdn)
  return isRight ? [] : [`an incident with other words: ${JSON.stringify(incident)}`]
}

function describe({ id, type, at, before, after, visibleAt }: Row): string {
  return `${id} ${type} ${(before - after) / 100} DZD at +${at - EPOCH_MS} ms, visible after ${visibleAt - at} ms`
}
