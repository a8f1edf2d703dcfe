// What the commands about merchants ask of the gateway.
import { UsageError } from './arguments.mjs'
import { merchantTable, merchantText } from './views.mjs'

/** @typedef {import('./arguments.mjs').Options} Options */
/** @typedef {import('./arguments.mjs').Outcome} Outcome */
/** @typedef {import('./gateway.mjs').Gateway} Gateway */
/** @typedef {import('zod').input<typeof import('../../src/api/contract').changeMerchantBody>} MerchantChange */

/** The most that the API gives at once. */
const PAGE_SIZE = 100

/** @param {Gateway} gateway @returns {Promise<Outcome>} */
export async function listMerchants(gateway) {
  const items = []
  for (let cursor = null, more = true; more; more = cursor !== null) {
    const from = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page = await gateway.call('GET', `/admin/merchants?limit=${PAGE_SIZE}${from}`)
    items.push(...page.items)
    cursor = page.next_cursor
  }
  const result = { items, next_cursor: null }
  if (items.length === 0) return { result, text: '', note: 'No merchants yet.' }
  return { result, text: merchantTable(items), note: '' }
}

/** @param {Gateway} gateway @param {string | undefined} id @param {MerchantChange} change @param {string} note */
export async function changeMerchant(gateway, id, change, note) {
  return shown(await gateway.call('PATCH', `/admin/merchants/${id}`, change), note)
}

/** @param {import('./views.mjs').Merchant} merchant @param {string} note @returns {Outcome} */
export function shown(merchant, note) {
  return { result: merchant, text: merchantText(merchant), note }
}

/** @param {Gateway} gateway @param {string | undefined} id @param {Options} options */
export async function wantedSettings(gateway, id, options) {
  const daily = limit(options, 'daily-amount')
  const largest = limit(options, 'largest-amount')
  const minutes = limit(options, 'repeat-minutes')
  const action = options['repeat-action']
  const operatorDown = options['operator-down']
  const days = retention(options)
  if ([daily, largest, minutes, action, operatorDown, days].every((given) => given === undefined))
    throw wrongUse('set', 'Which setting? Give at least one.')
  if (minutes === null && action !== undefined)
    throw wrongUse('set', '--repeat-action means nothing with --repeat-minutes off.')
  const repeat = minutes === null ? null : await wantedRepeat(gateway, id, minutes, action)
  /** @type {NonNullable<MerchantChange['settings']>} */
  const settings = {
    ...(daily === undefined ? {} : { daily_amount: daily }),
    ...(largest === undefined ? {} : { largest_amount: largest }),
    ...(repeat === undefined ? {} : { repeat }),
    ...(operatorDown === undefined ? {} : { operator_down: operatorDown }),
    ...(days === undefined ? {} : { retention_days: days }),
  }
  return settings
}

/**
 * The API takes minutes and action together: the one that is not given is what it is now.
 * @param {Gateway} gateway
 * @param {string | undefined} id
 * @param {number | undefined} minutes
 * @param {'warn' | 'block' | undefined} action
 */
async function wantedRepeat(gateway, id, minutes, action) {
  if (minutes === undefined && action === undefined) return undefined
  if (minutes !== undefined && action !== undefined) return { minutes, action }
  /** @type {import('./views.mjs').Merchant} */
  const { settings } = await gateway.call('GET', `/admin/merchants/${id}`)
  const known = minutes ?? settings.repeat?.minutes
  if (known === undefined) throw wrongUse('set', '--repeat-action needs --repeat-minutes, which is off.')
  return { minutes: known, action: action ?? settings.repeat?.action ?? 'warn' }
}

/**
 * @param {Options} options
 * @param {'daily-amount' | 'largest-amount' | 'repeat-minutes'} name
 * @returns {number | null | undefined} null is off
 */
function limit(options, name) {
  const text = options[name]
  if (text === undefined) return undefined
  if (text === 'off') return null
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw wrongUse('set', `--${name} is a whole number or off.`)
}

/** @param {Options} options */
function retention({ 'retention-days': text }) {
  if (text === undefined || /^\d{1,15}$/.test(text)) return text === undefined ? undefined : Number(text)
  throw wrongUse('set', '--retention-days is a whole number.')
}

/** @param {string} verb @param {string} message */
function wrongUse(verb, message) {
  return new UsageError(message, ['merchants', verb])
}
