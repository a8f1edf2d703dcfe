// What the commands about provider accounts ask of the gateway.
import { UsageError } from './arguments.mjs'
import { incidentTable, walletText } from './views.mjs'

/** @typedef {import('./arguments.mjs').Options} Options */
/** @typedef {import('./arguments.mjs').Outcome} Outcome */
/** @typedef {import('./gateway.mjs').Gateway} Gateway */
/** @typedef {import('zod').input<typeof import('../../src/api/contract').changeWalletBody>} WalletChange */

/** @param {Gateway} gateway @param {readonly string[]} operands @returns {Promise<Outcome>} */
export async function showWallet(gateway, [id]) {
  return shown(await gateway.call('GET', pathOf(id)))
}

/** @param {Gateway} gateway @param {readonly string[]} operands @param {Options} options @returns {Promise<Outcome>} */
export async function changeWallet(gateway, [id], options) {
  /** @type {WalletChange} */
  const change = {
    reads_per_minute: numberOr('default', options, 'reads-per-minute'),
    sends_per_minute: numberOr('default', options, 'sends-per-minute'),
    low_balance_dzd: numberOr('off', options, 'low-balance'),
    low_balance_hours: numberOr('off', options, 'low-balance-hours'),
  }
  if (Object.values(change).every((given) => given === undefined))
    throw new UsageError('Which setting? Give at least one.', ['wallets', 'set'])
  return shown(await gateway.call('PATCH', pathOf(id), change))
}

/** @param {Gateway} gateway @param {readonly string[]} operands @param {Options} options @returns {Promise<Outcome>} */
export async function listIncidents(gateway, [id], { limit }) {
  if (limit !== undefined && !/^\d{1,15}$/.test(limit))
    throw new UsageError('--limit is a whole number.', ['wallets', 'incidents'])
  const query = limit === undefined ? '' : `?limit=${limit}`
  const result = await gateway.call('GET', `${pathOf(id)}/incidents${query}`)
  if (result.items.length === 0) return { result, text: '', note: 'No incidents.' }
  return { result, text: incidentTable(result.items), note: '' }
}

/** @param {import('./views.mjs').Wallet} wallet @returns {Outcome} */
function shown(wallet) {
  return { result: wallet, text: walletText(wallet), note: '' }
}

/** @param {string | undefined} id */
function pathOf(id = '') {
  return `/admin/wallets/${encodeURIComponent(id)}`
}

/**
 * @param {'default' | 'off'} none the word for null
 * @param {Options} options
 * @param {'reads-per-minute' | 'sends-per-minute' | 'low-balance' | 'low-balance-hours'} name
 * @returns {number | null | undefined}
 */
function numberOr(none, options, name) {
  const text = options[name]
  if (text === undefined) return undefined
  if (text === none) return null
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new UsageError(`--${name} is a whole number or ${none}.`, ['wallets', 'set'])
}
