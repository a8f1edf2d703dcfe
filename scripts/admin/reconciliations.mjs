// What the commands about reconciliations of provider accounts ask of the gateway.
import { UsageError } from './arguments.mjs'
import { findingTable, reportTable, reportText } from './reconciliation-views.mjs'

/** @typedef {import('./arguments.mjs').Options} Options */
/** @typedef {import('./arguments.mjs').Outcome} Outcome */
/** @typedef {import('./gateway.mjs').Gateway} Gateway */
/** @typedef {import('zod').input<typeof import('../../src/api/contract').reconciliationBody>} Window */

/** @param {Gateway} gateway @param {readonly string[]} operands @param {Options} options @returns {Promise<Outcome>} */
export async function reconcile(gateway, [id = ''], { from = '', to = '', index = 'sample' }) {
  /** @type {Window} */
  const window = { from, to, index }
  const result = await gateway.call('POST', `${pathOf(id)}/reconciliations`, window)
  return { result, text: reportText(result), note: `It runs: npm run admin -- wallets reports ${id}` }
}

/** @param {Gateway} gateway @param {readonly string[]} operands @param {Options} options @returns {Promise<Outcome>} */
export async function listReports(gateway, [id], { limit }) {
  const query = queryOf({ limit: wholeNumber(limit, 'reports') })
  const result = await gateway.call('GET', `${pathOf(id)}/reconciliations${query}`)
  if (result.items.length === 0) return { result, text: '', note: 'No reconciliations of the whole account.' }
  // Those that run are only as far as they were when they were listed; each is asked for itself.
  const shown = await Promise.all(result.items.map((/** @type {Report} */ item) => live(gateway, id, item)))
  const items = { ...result, items: shown }
  return { result: items, text: reportTable(shown), note: '' }
}

/** @param {Gateway} gateway @param {readonly string[]} operands @param {Options} options @returns {Promise<Outcome>} */
export async function listFindings(gateway, [id], { limit, state }) {
  const query = queryOf({ state, limit: wholeNumber(limit, 'findings') })
  const result = await gateway.call('GET', `${pathOf(id)}/findings${query}`)
  if (result.items.length === 0) return { result, text: '', note: 'No findings.' }
  return { result, text: findingTable(result.items), note: '' }
}

/** @param {Gateway} gateway @param {readonly string[]} operands @param {Options} options @returns {Promise<Outcome>} */
export async function closeFinding(gateway, [id, finding = ''], { note = '' }) {
  const path = `${pathOf(id)}/findings/${encodeURIComponent(finding)}`
  const result = await gateway.call('PATCH', path, { state: 'closed', note })
  return { result, text: findingTable([result]), note: '' }
}

/** @typedef {import('./reconciliation-views.mjs').Report} Report */

/** @param {Gateway} gateway @param {string | undefined} wallet @param {Report} report @returns {Promise<Report>} */
async function live(gateway, wallet, report) {
  if (report.state !== 'running') return report
  return await gateway.call('GET', `${pathOf(wallet)}/reconciliations/${encodeURIComponent(report.id)}`)
}

/** @param {string | undefined} id */
function pathOf(id = '') {
  return `/admin/wallets/${encodeURIComponent(id)}`
}

/** @param {string | undefined} text @param {string} verb */
function wholeNumber(text, verb) {
  if (text !== undefined && !/^\d{1,15}$/.test(text))
    throw new UsageError('--limit is a whole number.', ['wallets', verb])
  return text
}

/** @param {Readonly<Record<string, string | undefined>>} fields */
function queryOf(fields) {
  const given = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  )
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}
