// How answers look to people.

/** @typedef {ReturnType<typeof import('../../src/merchant/record').summaryView>} MerchantSummary */
/** @typedef {ReturnType<typeof import('../../src/merchant/keys').keyView>} Key */
/** @typedef {{ account: string, set_at: string }} Credential */
/**
 * @typedef {ReturnType<typeof import('../../src/merchant/record').merchantView>
 *   & { credential: Credential | null, keys: readonly Key[] }} Merchant
 */

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
  const { daily_amount, largest_amount, repeat } = settings
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
function table(head, rows) {
  const all = [...(head === null ? [] : [head]), ...rows].map((row) => row.map(printable))
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? []
  return all
    .map((row) =>
      row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join('  '),
    )
    .join('\n')
}
