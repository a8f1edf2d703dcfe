// How reconciliations and findings look to people.
import { moment, table } from './views.mjs'

/** @typedef {import('../../src/reconcile/report-view').ReportView} Report */
/** @typedef {import('../../src/reconcile/finding-view').FindingView} Finding */

/** @param {Report} report */
export function reportText(report) {
  return table(null, [
    ['ID', report.id],
    ['State', stateOf(report)],
    ['From', moment(report.from)],
    ['To', moment(report.to)],
  ])
}

/** @param {readonly Report[]} reports */
export function reportTable(reports) {
  const head = [
    ...['ID', 'STATE', 'TRIGGER', 'FROM', 'TO', 'UPSTREAM', 'OURS', 'MATCHED', 'HEALED', 'FINDINGS'],
    ...['DIFFERENCE', 'REASONS'],
  ]
  const rows = reports.map((report) => {
    const { id, trigger, from, to, counts, balance, reasons } = report
    const { upstream, ours, matched, healed } = /** @type {Record<string, number>} */ (counts)
    return [
      ...[id, stateOf(report), trigger, moment(from), moment(to)],
      ...[upstream, ours, matched, healed].map(String),
      found(report.findings),
      balance === null ? 'not known' : `${balance.difference_dzd} DZD`,
      reasons.join('; '),
    ]
  })
  return table(head, rows)
}

/** @param {readonly Finding[]} findings */
export function findingTable(findings) {
  const head = ['ID', 'KIND', 'STATE', 'FOUND', 'PROVIDER', 'OURS', 'NOTE']
  const rows = findings.map(({ id, kind, state, found_at, upstream, ours, note }) => {
    return [id, kind, state, moment(found_at), sideText(upstream), sideText(ours), note ?? '']
  })
  return table(head, rows)
}

/** @param {Report} report */
function stateOf({ state, progress }) {
  return state === 'running' ? `running, ${Math.floor(progress * 100)} %` : state
}

/** @param {Report['findings']} findings */
function found(findings) {
  const told = Object.entries(findings).map(([kind, count]) => `${kind} ${count}`)
  return told.length === 0 ? 'none' : told.join(', ')
}

/** @param {Finding['upstream']} side */
function sideText(side) {
  const told = Object.entries(side ?? {}).filter(([, value]) => value !== null && value !== '')
  return told.length === 0 ? 'nothing' : told.map(([name, value]) => `${name}=${value}`).join(' ')
}
