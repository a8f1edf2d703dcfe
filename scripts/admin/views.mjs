// How answers look to people.

/** @typedef {ReturnType<typeof import('../../src/merchant/record').summaryView>} MerchantSummary */
/** @typedef {ReturnType<typeof import('../../src/merchant/keys').keyView>} Key */
/** @typedef {{ account: string, set_at: string }} Credential */
/**
 * @typedef {ReturnType<typeof import('../../src/merchant/record').merchantView>
 *   & { credential: Credential | null, keys: readonly Key[] }} Merchant
 */
/** @typedef {ReturnType<typeof import('../../src/provider/view').walletView>} Wallet */
/** @typedef {ReturnType<typeof import('../../src/provider/view').incidentView>} Incident */

export const WITHIN_A_MINUTE = 'The edge knows within a minute.'

/**
 * Names are anybody's words: control characters could rewrite the terminal, and direction overrides the line.
 * @param {string} text
 */
export function printable(text) {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
}

/** @param {readonly MerchantSummary[]} merchants */
export function merchantTable(merchants) {
  const rows = merchants.map(({ id, state, created_at, name }) => [id, state, time(created_at), name])
  return table(['ID', 'STATE', 'CREATED (UTC)', 'NAME'], rows)
}

/** @param {Merchant} merchant */
export function merchantText({ id, name, state, created_at, wallet, credential, settings, keys }) {
  const { daily_amount, largest_amount, repeat, operator_down } = settings
  const own = credential === null ? 'his own' : `his own: ${credentialText(credential)}`
  const lines = table(null, [
    ['ID', id],
    ['Name', name],
    ['State', state],
    ['Created', `${time(created_at)} UTC`],
    ['Wallet', wallet === 'own' ? own : "the operator's"],
    ['Daily amount', amount(daily_amount)],
    ['Largest amount', amount(largest_amount)],
    ['Repeated top-up', repeat === null ? 'off' : `${repeat.action} within ${repeat.minutes} minutes`],
    ['Operator down', operator_down],
  ])
  return `${lines}\n\n${keys.length === 0 ? 'No keys.' : keyTable(keys)}`
}

/** @param {readonly Key[]} keys */
export function keyTable(keys) {
  const head = [
    'KEY',
    'ENVIRONMENT',
    'SCOPE',
    'STATE',
    'CREATED (UTC)',
    'LAST USED (UTC)',
    'ADDRESSES',
    'NAME',
  ]
  const rows = keys.map(({ id, environment, scope, state, created_at, last_used_at, allowed_ips, name }) => {
    const lastUse = last_used_at === null ? 'never' : time(last_used_at)
    return [id, environment, scope, state, time(created_at), lastUse, allowed_ips.join(',') || 'any', name]
  })
  return table(head, rows)
}

/** @param {Credential} credential */
export function credentialText({ account, set_at }) {
  return `account ${account}, set ${time(set_at)} UTC`
}

/** @param {Wallet} wallet */
export function walletText({ id, settings, watched_orders, reads, sends, breaker, balance, drift }) {
  const { dzd, at, hours_left, statement_read_at } = balance
  const lasts = hours_left === null ? 'not known' : `${hours_left} h at the rate of the last hour`
  const { low_balance_dzd, low_balance_hours } = settings
  const lines = table(null, [
    ['ID', id],
    ['Balance', dzd === null ? 'not known' : `${dzd} DZD at ${moment(at)}`],
    ['Lasts', lasts],
    ['Low balance', amount(low_balance_dzd)],
    ['Low balance, hours', low_balance_hours === null ? 'off' : `${low_balance_hours} h`],
    ['Statement read', moment(statement_read_at)],
    ['Open orders', String(watched_orders)],
    ['Sends', budgetText(sends, settings.sends_per_minute)],
    ['Waiting sends', String(sends.waiting)],
    ['Reads', budgetText(reads, settings.reads_per_minute)],
    ['Breaker', breakerText(breaker)],
  ])
  return `${lines}\n\n${drift.length === 0 ? 'No drift.' : driftTable(drift)}`
}

/** @param {readonly Incident[]} incidents */
export function incidentTable(incidents) {
  const rows = incidents.map(({ kind, at, facts }) => [kind, moment(at), factsText(facts)])
  return table(['KIND', 'AT', 'FACTS'], rows)
}

/** @param {Wallet['reads']} budget @param {number | null} set */
function budgetText({ limit_per_minute, rate_per_minute, left, paused_until, total }, set) {
  return [
    `${limit_per_minute} a minute (${set === null ? 'default' : 'set'})`,
    ...(rate_per_minute < limit_per_minute ? [`slowed down to ${Math.round(rate_per_minute)}`] : []),
    ...(paused_until === null ? [] : [`paused until ${moment(paused_until)}`]),
    `${left} at once`,
    `${total} made`,
  ].join(', ')
}

/** @param {Wallet['breaker']} breaker */
function breakerText({ state, since, reason, next_probe_at }) {
  const why = reason === null ? '' : ` (${reason})`
  const next = next_probe_at === null ? '' : `, next probe ${moment(next_probe_at)}`
  return `${state.replace('_', ' ')}${why} since ${moment(since)}${next}`
}

/** @param {Wallet['drift']} drift */
function driftTable(drift) {
  const head = ['DRIFT', 'COUNT', 'FIRST', 'LAST', 'SAMPLE']
  const rows = drift.map(({ kind, count, first_at, last_at, sample }) => {
    return [kind, String(count), moment(first_at), moment(last_at), sample]
  })
  return table(head, rows)
}

/** @param {Incident['facts']} facts */
function factsText(facts) {
  const told = Object.entries(facts).filter(([, value]) => value !== null && value !== '')
  return told.map(([name, value]) => `${name}=${value}`).join(' ')
}

/** To the second: what a wallet says is about now. @param {string | null} iso */
export function moment(iso) {
  return iso === null ? 'never' : `${iso.slice(0, 19).replace('T', ' ')} UTC`
}

/** @param {number | null} dzd */
function amount(dzd) {
  return dzd === null ? 'off' : `${dzd} DZD`
}

/** @param {string} iso */
function time(iso) {
  return iso.slice(0, 16).replace('T', ' ')
}

/**
 * The last column is as wide as it likes: names are there, in any script, whose width nobody knows.
 * @param {readonly string[] | null} head
 * @param {readonly (readonly string[])[]} rows
 */
export function table(head, rows) {
  const all = [...(head === null ? [] : [head]), ...rows].map((row) => row.map(printable))
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? []
  return all
    .map((row) =>
      row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join('  '),
    )
    .join('\n')
}
