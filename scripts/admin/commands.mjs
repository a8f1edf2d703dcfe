// The table of commands: what each takes, and what its help says.
import { changeKey, createKey, patchKey, setCredential } from './keys.mjs'
import { changeMerchant, listMerchants, shown, wantedSettings } from './merchants.mjs'
import { closeFinding, listFindings, listReports, reconcile } from './reconciliations.mjs'
import { WITHIN_A_MINUTE } from './views.mjs'
import { changeWallet, listIncidents, showWallet } from './wallets.mjs'

const ALLOW_IP = { value: 'ADDRESS', multiple: /** @type {const} */ (true) }

/** @type {readonly import('./arguments.mjs').Command[]} */
export const COMMANDS = [
  {
    words: ['merchants', 'list'],
    operands: [],
    says: 'every merchant; a new one is in the list within a minute',
    options: {},
    run: listMerchants,
  },
  {
    words: ['merchants', 'create'],
    operands: ['NAME'],
    says: 'makes a merchant and prints his ID',
    options: {},
    async run(gateway, [name]) {
      const made = await gateway.call('POST', '/admin/merchants', { name })
      const next = `npm run admin -- keys create ${made.id} --environment sandbox --name NAME`
      return { result: made, text: made.id, note: `Made. He has no key yet: ${next}` }
    },
  },
  {
    words: ['merchants', 'show'],
    operands: ['ID'],
    says: 'his settings, his wallet, his keys and when each was last used (to some ten minutes)',
    options: {},
    run: async (gateway, [id]) => shown(await gateway.call('GET', `/admin/merchants/${id}`), ''),
  },
  {
    words: ['merchants', 'disable'],
    operands: ['ID'],
    says: 'shuts all his keys out; his orders are tracked and called back still',
    options: {},
    run: (gateway, [id]) => changeMerchant(gateway, id, { state: 'disabled' }, WITHIN_A_MINUTE),
  },
  {
    words: ['merchants', 'enable'],
    operands: ['ID'],
    says: 'lets his keys in again, except those that were disabled themselves',
    options: {},
    run: (gateway, [id]) => changeMerchant(gateway, id, { state: 'active' }, WITHIN_A_MINUTE),
  },
  {
    words: ['merchants', 'rename'],
    operands: ['ID', 'NAME'],
    says: 'gives him another name, which only people read',
    options: {},
    run: (gateway, [id, name]) => changeMerchant(gateway, id, { name }, ''),
  },
  {
    words: ['merchants', 'set'],
    operands: ['ID'],
    says: 'changes his limits and wishes; what is not given stays as it is',
    options: {
      'daily-amount': { value: 'DZD|off', says: 'the most face value he may send in one Algerian day' },
      'largest-amount': { value: 'DZD|off', says: 'the largest top-up he may send' },
      'repeat-minutes': {
        value: 'N|off',
        says: 'the same amount to the same number again within these minutes is a repetition',
      },
      'repeat-action': {
        value: 'warn|block',
        oneOf: ['warn', 'block'],
        says: 'what is done about it; at first warn',
      },
      'operator-down': {
        value: 'send|refuse',
        oneOf: ['send', 'refuse'],
        says: 'what becomes of a top-up to an operator that the provider calls down; at first send',
      },
    },
    async run(gateway, [id], options) {
      const settings = await wantedSettings(gateway, id, options)
      return changeMerchant(gateway, id, { settings }, WITHIN_A_MINUTE)
    },
  },
  {
    words: ['keys', 'create'],
    operands: ['ID'],
    says: 'makes a key and prints it, this once',
    options: {
      environment: {
        value: 'sandbox|production',
        oneOf: ['sandbox', 'production'],
        required: true,
        says: 'whether its top-ups cost money',
      },
      name: { value: 'NAME', required: true, says: 'for people: where it is used' },
      scope: {
        value: 'READ-WRITE|READ-ONLY',
        oneOf: ['READ-WRITE', 'READ-ONLY'],
        says: 'whether it may send (default READ-WRITE)',
      },
      'allow-ip': {
        ...ALLOW_IP,
        says: 'an address or range such as 192.0.2.0/24 that it may be used from; without any, everywhere',
      },
    },
    run: createKey,
  },
  {
    words: ['keys', 'change'],
    operands: ['ID', 'KEY'],
    says: 'changes the name of a key, or the addresses it may be used from',
    options: {
      name: { value: 'NAME', says: 'for people: where it is used' },
      'allow-ip': { ...ALLOW_IP, says: 'an address or range; those given replace all that were there' },
      'allow-any-ip': { says: 'it may be used from everywhere' },
    },
    run: changeKey,
  },
  {
    words: ['keys', 'disable'],
    operands: ['ID', 'KEY'],
    says: 'shuts a key out for ever; KEY is its id, key_…',
    options: {},
    run: (gateway, [id, key]) => patchKey(gateway, id, key, { state: 'disabled' }),
  },
  {
    words: ['credential', 'set'],
    operands: ['ID'],
    says: `gives him a provider account of his own
Reads its access token from standard input: typed unseen at a terminal, or from a file or a secret store:
  npm run admin -- credential set ID < token.txt`,
    options: {},
    run: setCredential,
  },
  {
    words: ['credential', 'remove'],
    operands: ['ID'],
    says: "back to the operator's account; orders still open on his own can no longer be asked for",
    options: {},
    async run(gateway, [id]) {
      const result = await gateway.call('DELETE', `/admin/merchants/${id}/credential`)
      return { result, text: '', note: `He uses the operator's account. ${WITHIN_A_MINUTE}` }
    },
  },
  {
    words: ['wallets', 'show'],
    operands: ['WALLET'],
    says: `a provider account: its budgets, its line, its breaker, its balance, what nobody understood
WALLET is operator, own:ID for the account of a merchant's own, or sandbox:ID; ID is the merchant's.`,
    options: {},
    run: showWallet,
  },
  {
    words: ['wallets', 'set'],
    operands: ['WALLET'],
    says: `changes its budgets, and when its balance is low; what is not given stays as it is
True at once. WALLET is operator, own:ID or sandbox:ID.`,
    options: {
      'reads-per-minute': { value: 'N|default', says: 'the most that it asks in any minute besides sends' },
      'sends-per-minute': { value: 'N|default', says: 'the most sends that leave in any minute' },
      'low-balance': { value: 'DZD|off', says: 'below it the balance is low' },
      'low-balance-hours': {
        value: 'H|off',
        says: 'it is low when it lasts for fewer hours at the rate of the last one',
      },
    },
    run: changeWallet,
  },
  {
    words: ['wallets', 'incidents'],
    operands: ['WALLET'],
    says: `what its operator should know, newest first
WALLET is operator, own:ID or sandbox:ID.`,
    options: { limit: { value: 'N', says: 'the newest so many (default 100, at most 1000)' } },
    run: listIncidents,
  },
  {
    words: ['wallets', 'reconcile'],
    operands: ['WALLET'],
    says: `compares a window of a provider account with all orders on it; it only reads
WALLET is operator, own:ID or sandbox:ID. Times are ISO 8601: 2026-11-23, or 2026-11-23T10:00:00Z.`,
    options: {
      from: { value: 'TIME', required: true, says: 'included' },
      to: {
        value: 'TIME',
        required: true,
        says: 'not included; what is to come is left out; 31 days at most',
      },
      index: {
        value: 'sample|all',
        oneOf: ['sample', 'all'],
        says: "of the gateway's own index, what is held against the orders themselves (default sample)",
      },
    },
    run: reconcile,
  },
  {
    words: ['wallets', 'reports'],
    operands: ['WALLET'],
    says: `what came of the reconciliations of a provider account, newest first; how far those that run have come
WALLET is operator, own:ID or sandbox:ID.`,
    options: { limit: { value: 'N', says: 'the newest so many (default 50, at most 100)' } },
    run: listReports,
  },
  {
    words: ['wallets', 'findings'],
    operands: ['WALLET'],
    says: `what does not add up on a provider account and no merchant can be told of, newest first
WALLET is operator, own:ID or sandbox:ID.`,
    options: {
      state: { value: 'open|closed', oneOf: ['open', 'closed'], says: 'only those; without it, all' },
      limit: { value: 'N', says: 'the newest so many (default 50, at most 100)' },
    },
    run: listFindings,
  },
  {
    words: ['wallets', 'close'],
    operands: ['WALLET', 'FINDING'],
    says: `closes a finding for ever; FINDING is its id
WALLET is operator, own:ID or sandbox:ID. Closed before, it stays as it was closed then.`,
    options: { note: { value: 'TEXT', required: true, says: 'what it was, for whoever reads it later' } },
    run: closeFinding,
  },
]
