import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { clientOf, expectError } from './client'
import { foundByNobody } from './found'
import { DEMO_LIVE_KEY, ADMIN_TOKEN as LOCAL_TOKEN, startGateway } from './harness'
import { listen } from './loopback'
import { startProvider } from './provider'

/** Like no word of any help text, so that a leak cannot hide. */
const OPERATOR = 'operator-7c1e90'
const CREDENTIAL = 'provider-"5b2f33"'
const DONE = 0
const FAILED = 1
const WRONG_USE = 2

const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url, ADMIN_TOKEN: OPERATOR } })

interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const runs: Run[] = []

/** Runs the command line as an operator's shell does, with nothing else in its environment. */
async function admin(
  args: readonly string[],
  { input = '', env = { RASID_URL: gateway.url, ADMIN_TOKEN: OPERATOR } as Record<string, string> } = {},
): Promise<Run> {
  // The Worker's types name variables that every process would have: a shell's has none of them.
  const environment = env as NodeJS.ProcessEnv
  const child = spawn(process.execPath, ['scripts/admin.mjs', ...args], { env: environment })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  // A run that refuses its arguments never reads its input.
  child.stdin.on('error', () => undefined).end(input)
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  const run = { code, stdout, stderr }
  runs.push(run)
  return run
}

/** The result of a run that worked. */
async function done(args: readonly string[], input?: string): Promise<string> {
  const run = await admin(args, input === undefined ? {} : { input })
  expect(run, run.stderr).toMatchObject({ code: DONE })
  return run.stdout.trimEnd()
}

const json = async (args: readonly string[]) => JSON.parse(await done([...args, '--json']))
const newMerchant = (name = 'Shop') => done(['merchants', 'create', name])
const settingsOf = async (id: string) => (await json(['merchants', 'show', id])).settings
const newKey = (id: string, ...more: string[]) =>
  done(['keys', 'create', id, '--environment', 'sandbox', '--name', 'till 1', ...more])

function expectWrongUse({ code, stdout, stderr }: Run, says: string, help: string): void {
  expect({ code, stdout, stderr }).toEqual({
    code: WRONG_USE,
    stdout: '',
    stderr: `${says} See: npm run admin -- ${help}--help\n`,
  })
}

describe('merchants', () => {
  it('are created, shown and listed, and only the result is on stdout', async () => {
    const made = await admin(['merchants', 'create', 'حانوت Amine'])
    const id = made.stdout.trimEnd()
    expect(id).toMatch(/^m[0-9a-f]{12}$/)
    expect(made.stderr).toContain(`npm run admin -- keys create ${id} --environment sandbox`)

    const shown = await done(['merchants', 'show', id])
    expect(shown.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['ID', id],
      ['Name', 'حانوت Amine'],
      ['State', 'active'],
      ['Created', expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d UTC$/)],
      ['Wallet', "the operator's"],
      ['Daily amount', 'off'],
      ['Largest amount', 'off'],
      ['Repeated top-up', 'off'],
      ['Operator down', 'send'],
      [''],
      ['No keys.'],
    ])
    const [head, ...rows] = (await done(['merchants', 'list'])).split('\n')
    expect(head).toMatch(/^ID +STATE +CREATED \(UTC\) +NAME$/)
    expect(rows).toContainEqual(expect.stringMatching(new RegExp(`^${id} +active +\\S+ \\S+ +حانوت Amine$`)))
  })

  it('are all listed, however many pages there are', async () => {
    const headers = { Authorization: `Bearer ${OPERATOR}` }
    const body = { name: 'One of many' }
    const made = await Promise.all(
      Array.from({ length: 101 }, () => gateway.call('POST', '/admin/merchants', { headers, body })),
    )
    const { items, next_cursor } = await json(['merchants', 'list'])
    const listed = items.map(({ id }: { id: string }) => id)
    expect(listed).toEqual(expect.arrayContaining(made.map((answer) => answer.json.data.id)))
    expect([new Set(listed).size, next_cursor]).toEqual([listed.length, null])
  })

  it('are renamed; a name cannot rewrite the terminal', async () => {
    const id = await newMerchant()
    expect(await done(['merchants', 'rename', id, 'Two\n\u001b[31mred\u202e'])).toContain(
      'Two\ufffd\ufffd[31mred\ufffd\n',
    )
    expect((await json(['merchants', 'show', id])).name).toBe('Two\n\u001b[31mred\u202e')
    expect(await done(['merchants', 'rename', id, '--', '-dash'])).toContain('-dash\n')
  })

  it('are shut out and let in again with all their keys', async () => {
    const id = await newMerchant()
    const [shut, open] = [await newKey(id), await newKey(id)]
    expect(await done(['merchants', 'disable', id])).toMatch(/^State +disabled$/m)
    expectError(await gateway.call('GET', '/v1/endpoints', { key: shut }), 403, 'API_DISABLED')
    expect(await done(['merchants', 'enable', id])).toMatch(/^State +active$/m)
    expect((await gateway.call('GET', '/v1/endpoints', { key: open })).status).toBe(200)
  })
})

describe('merchants set', () => {
  it('changes what is given and leaves the rest', async () => {
    const id = await newMerchant()
    const set = (...args: string[]) => done(['merchants', 'set', id, ...args])
    expect(await set('--daily-amount', '50000', '--largest-amount=5000')).toMatch(
      /^Daily amount +50000 DZD$/m,
    )
    const rest = { largest_amount: 5_000, repeat: null }
    expect(await settingsOf(id)).toEqual({ ...rest, daily_amount: 50_000, operator_down: 'send' })
    await set('--daily-amount', 'off')
    expect(await settingsOf(id)).toEqual({ ...rest, daily_amount: null, operator_down: 'send' })
    expect(await set('--operator-down', 'refuse')).toMatch(/^Operator down +refuse$/m)
    expect(await settingsOf(id)).toEqual({ ...rest, daily_amount: null, operator_down: 'refuse' })
    await set('--operator-down=send')
    expect(await settingsOf(id)).toEqual({ ...rest, daily_amount: null, operator_down: 'send' })
  })

  it('keeps the half of the repetition rule that is not given', async () => {
    const id = await newMerchant()
    const repeatAfter = async (...args: string[]) => {
      await done(['merchants', 'set', id, ...args])
      return (await settingsOf(id)).repeat
    }
    expect(await repeatAfter('--repeat-minutes', '10')).toEqual({ minutes: 10, action: 'warn' })
    expect(await repeatAfter('--repeat-action', 'block')).toEqual({ minutes: 10, action: 'block' })
    expect(await repeatAfter('--repeat-minutes', '20')).toEqual({ minutes: 20, action: 'block' })
    expect(await repeatAfter('--largest-amount', '900')).toEqual({ minutes: 20, action: 'block' })
    expect(await repeatAfter('--repeat-minutes', '5', '--repeat-action', 'warn')).toEqual({
      minutes: 5,
      action: 'warn',
    })
    expect(await repeatAfter('--repeat-minutes', 'off')).toBeNull()
    const alone = await admin(['merchants', 'set', id, '--repeat-action', 'block'])
    expectWrongUse(alone, '--repeat-action needs --repeat-minutes, which is off.', 'merchants set ')
  })

  it.each([
    [[], 'Which setting? Give at least one.'],
    [['--operator-down', 'wait'], '--operator-down is send or refuse.'],
    [['--daily-amount', '5e3'], '--daily-amount is a whole number or off.'],
    [['--largest-amount', 'OFF'], '--largest-amount is a whole number or off.'],
    [
      ['--daily-amount', '-5'],
      '--daily-amount needs a value; one that begins with a dash is written --daily-amount=-….',
    ],
    [['--daily-amount=-5'], '--daily-amount is a whole number or off.'],
    [['--repeat-minutes'], '--repeat-minutes needs a value.'],
    [['--repeat-minutes', '9', '--repeat-action', 'stop'], '--repeat-action is warn or block.'],
    [
      ['--repeat-minutes', 'off', '--repeat-action', 'warn'],
      '--repeat-action means nothing with --repeat-minutes off.',
    ],
  ])('refuses %j', async (args, says) => {
    expectWrongUse(await admin(['merchants', 'set', 'm1', ...args]), says, 'merchants set ')
  })
})

describe('keys', () => {
  it('work as soon as they are made, and are shown once', async () => {
    const id = await newMerchant()
    const made = await admin(['keys', 'create', id, '--environment', 'sandbox', '--name', 'till 1'])
    const key = made.stdout.trimEnd()
    expect(key).toMatch(/^rsd_test_\w{32,}$/)
    expect(made.stderr).toMatch(/^This is key_\w+, sandbox, READ-WRITE\. It will not be shown again/)
    expect((await clientOf(gateway, key).send('first')).status).toBe(200)

    expect(await done(['merchants', 'show', id])).toMatch(/\nkey_\w+ +sandbox +READ-WRITE .* any +till 1$/)
    expect(runs.filter(({ stdout, stderr }) => (stdout + stderr).includes(key))).toEqual([made])
  })

  it('get the scope and the addresses that were asked for, and other ones later', async () => {
    const id = await newMerchant()
    const ranges = ['--allow-ip', '192.0.2.0/24', '--allow-ip', '2001:db8::1']
    const made = await json([
      ...['keys', 'create', id, '--environment', 'production', '--name', 'office', '--scope', 'READ-ONLY'],
      ...ranges,
    ])
    expect(made).toMatchObject({
      environment: 'production',
      scope: 'READ-ONLY',
      name: 'office',
      allowed_ips: ['192.0.2.0/24', '2001:db8::1'],
      key: expect.stringMatching(/^rsd_live_/),
    })
    const change = (...args: string[]) => json(['keys', 'change', id, made.id, ...args])
    expect(await change('--name=back office')).toMatchObject({
      name: 'back office',
      allowed_ips: made.allowed_ips,
    })
    expect(await change('--allow-ip', '198.51.100.7')).toMatchObject({ allowed_ips: ['198.51.100.7'] })
    expect(await change('--allow-any-ip')).toMatchObject({ name: 'back office', allowed_ips: [] })
  })

  it('are disabled one by one', async () => {
    const id = await newMerchant()
    const made = await json(['keys', 'create', id, '--environment', 'sandbox', '--name', 'lost phone'])
    expect(await done(['keys', 'disable', id, made.id])).toMatch(new RegExp(`\n${made.id} .* disabled `))
    expectError(await gateway.call('GET', '/v1/endpoints', { key: made.key }), 403, 'API_DISABLED')
  })

  it.each([
    [['create', 'm1', '--name', 'x'], "'keys create' needs --environment."],
    [['create', 'm1', '--environment', 'sandbox'], "'keys create' needs --name."],
    [['create', 'm1', '--environment', 'live', '--name', 'x'], '--environment is sandbox or production.'],
    [['change', 'm1', 'key_1'], 'What is to change?'],
    [
      ['change', 'm1', 'key_1', '--allow-any-ip', '--allow-ip', '192.0.2.1'],
      'Either --allow-ip or --allow-any-ip, not both.',
    ],
    [['change', 'm1', 'key_1', '--allow-any-ip=yes'], '--allow-any-ip takes no value.'],
    [['disable', 'm1'], "'keys disable' needs KEY."],
    [['disable', 'm1', 'rsd_live_x'], "KEY is an id, never a key itself: see 'merchants show'."],
  ])('%j is wrong use', async (args, says) => {
    expectWrongUse(await admin(['keys', ...args]), says, `keys ${args[0]} `)
  })
})

describe('credential', () => {
  it('is read from standard input, tried at the provider and never shown', async () => {
    const id = await newMerchant()
    provider.account(CREDENTIAL, { username: '+213550000777' })
    expect(await done(['credential', 'set', id], `${CREDENTIAL}\n`)).toMatch(
      /^account …777, set \S+ \S+ UTC$/,
    )
    const asked = provider.callsOf('validate').map(({ headers }) => headers['x-access-token'])
    expect(asked).toContain(CREDENTIAL)
    expect(await done(['merchants', 'show', id])).toMatch(/^Wallet +his own: account …777, set /m)

    const removed = await admin(['credential', 'remove', id])
    expect(removed).toMatchObject({ code: DONE, stdout: '' })
    expect(await done(['merchants', 'show', id])).toMatch(/^Wallet +the operator's$/m)
    expect(await done(['credential', 'remove', id, '--json'])).toBe('null')
  })

  it('is not kept when the provider refuses it', async () => {
    const id = await newMerchant()
    const error = { code: 'INVALID_ACCESS_TOKEN', message: 'no' }
    provider.fault('validate', { answer: { status: 401, body: { success: false, error } } })
    const run = await admin(['credential', 'set', id], { input: CREDENTIAL })
    expect(run).toMatchObject({ code: FAILED, stdout: '' })
    expect(run.stderr).toMatch(
      /^ERR_VALIDATION: The credential was not kept: .*\ndetails: .*\nrequest id: req_/,
    )
    expect((await json(['merchants', 'show', id])).wallet).toBe('operator')
  })

  it.each([
    ['', 'nothing'],
    ['\n', 'nothing'],
    [`${CREDENTIAL}\nanother`, 'no access token (one line of at most 200 visible characters)'],
  ])('refuses %j', async (input, what) => {
    const run = await admin(['credential', 'set', 'm1'], { input })
    expectWrongUse(run, `There was ${what} on standard input.`, 'credential set ')
  })

  it('is not taken from an argument, nor repeated', async () => {
    for (const typed of [[CREDENTIAL], [`--token=${CREDENTIAL}`], [`--json=${CREDENTIAL}`]]) {
      expect(await admin(['credential', 'set', 'm1', ...typed])).toMatchObject({ code: WRONG_USE })
    }
  })
})

describe('wallets', () => {
  it('are shown: budgets, line, breaker, balance and drift', async () => {
    const shown = await done(['wallets', 'show', `sandbox:${await newMerchant()}`])
    expect(shown.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['ID', expect.stringMatching(/^sandbox:m[0-9a-f]{12}$/)],
      ['Balance', 'not known'],
      ['Lasts', 'not known'],
      ['Low balance', 'off'],
      ['Low balance, hours', 'off'],
      ['Statement read', 'never'],
      ['Open orders', '0'],
      ['Sends', '300 a minute (default), 10 at once, 0 made'],
      ['Waiting sends', '0'],
      ['Reads', '120 a minute (default), 4 at once, 0 made'],
      ['Breaker', expect.stringMatching(/^closed since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/)],
      [''],
      ['No drift.'],
    ])
    expect((await json(['wallets', 'show', 'operator'])).id).toBe('operator')
  })

  it('set changes what is given, leaves the rest, and each setting has a way back', async () => {
    const id = `own:${await newMerchant()}`
    const set = async (...args: string[]) => (await json(['wallets', 'set', id, ...args])).settings
    const nothing = {
      reads_per_minute: null,
      sends_per_minute: null,
      low_balance_dzd: null,
      low_balance_hours: null,
    }
    const budgets = { reads_per_minute: 240, sends_per_minute: 600 }
    const marks = { low_balance_dzd: 50_000, low_balance_hours: 12 }
    expect(await set('--reads-per-minute', '240', '--sends-per-minute=600')).toEqual({
      ...nothing,
      ...budgets,
    })
    expect(await set('--low-balance', '50000')).toEqual({ ...nothing, ...budgets, low_balance_dzd: 50_000 })
    expect(await set('--low-balance-hours', '12')).toEqual({ ...budgets, ...marks })
    const shown = await done(['wallets', 'show', id])
    expect(shown).toMatch(/^Sends +600 a minute \(set\), /m)
    expect(shown).toMatch(/^Low balance +50000 DZD$/m)
    expect(shown).toMatch(/^Low balance, hours +12 h$/m)
    expect(await set('--reads-per-minute', 'default', '--sends-per-minute', 'default')).toEqual({
      ...nothing,
      ...marks,
    })
    expect(await set('--low-balance', 'off', '--low-balance-hours', 'off')).toEqual(nothing)
  })

  it('incidents are told in a line each, newest first', async () => {
    const none = await admin(['wallets', 'incidents', `sandbox:${await newMerchant()}`])
    expect(none).toEqual({ code: DONE, stdout: '', stderr: 'No incidents.\n' })

    for (const hint of ['first', 'second']) {
      provider.fault('balance', {
        answer: { body: { success: true, data: { balance: 1 }, [hint]: '0661234567' } },
      })
      expect((await gateway.call('GET', '/v3/account/balance', { key: DEMO_LIVE_KEY })).status).toBe(200)
    }
    const [head, ...rows] = (await done(['wallets', 'incidents', 'operator'])).split('\n')
    expect(head).toMatch(/^KIND +AT +FACTS$/)
    expect(rows).toEqual([
      expect.stringMatching(/^drift +[-\d]+ [:\d]+ UTC +kind=read: envelope field "second" is new sample=\{/),
      expect.stringMatching(/^drift +[-\d]+ [:\d]+ UTC +kind=read: envelope field "first" is new sample=\{/),
    ])
    expect(rows.join()).not.toContain('0661234567')
    const { items } = await json(['wallets', 'incidents', 'operator', '--limit', '1'])
    expect(items).toMatchObject([{ kind: 'drift', facts: { kind: 'read: envelope field "second" is new' } }])
    expect(await done(['wallets', 'show', 'operator'])).toMatch(/^read: envelope field "second" is new +1 +/m)
  })

  it.each([
    [['show'], "'wallets show' needs WALLET."],
    [['show', ''], 'WALLET is operator, own:ID or sandbox:ID.'],
    [['show', 'm1'], 'WALLET is operator, own:ID or sandbox:ID.'],
    [['show', 'own:..'], 'WALLET is operator, own:ID or sandbox:ID.'],
    [['set', 'operator'], 'Which setting? Give at least one.'],
    [['set', 'operator', '--sends-per-minute', 'off'], '--sends-per-minute is a whole number or default.'],
    [['set', 'operator', '--low-balance', 'default'], '--low-balance is a whole number or off.'],
    [['set', 'operator', '--low-balance-hours=1.5'], '--low-balance-hours is a whole number or off.'],
    [['incidents', 'operator', '--limit', 'all'], '--limit is a whole number.'],
    [['reconcile', 'operator', '--from', '2026-11-23'], "'wallets reconcile' needs --to."],
    [['reconcile', 'operator', '--from=1', '--to=2', '--index=no'], '--index is sample or all.'],
    [
      ['reports', 'operator', '--limit', '-1'],
      '--limit needs a value; one that begins with a dash is written --limit=-….',
    ],
    [['findings', 'operator', '--limit', 'all'], '--limit is a whole number.'],
    [['findings', 'operator', '--state', 'shut'], '--state is open or closed.'],
    [['close', 'operator', '--note', 'x'], "'wallets close' needs FINDING."],
    [['close', 'operator', 'orphan-1'], "'wallets close' needs --note."],
    [['close', 'operator', '../1', '--note', 'x'], 'FINDING is the id of one: see wallets findings.'],
  ])('%j is wrong use', async (args, says) => {
    expectWrongUse(await admin(['wallets', ...args]), says, `wallets ${args[0]} `)
  })

  it('are reconciled, and what came of it is a line each', async () => {
    expect(await admin(['wallets', 'reports', 'operator'])).toEqual({
      ...{ code: DONE, stdout: '', stderr: 'No reconciliations of the whole account.\n' },
    })
    const window = ['--from', '2026-11-22', '--to', '2026-11-23T12:00:00Z']
    const begun = await admin(['wallets', 'reconcile', 'operator', ...window])
    expect(begun).toMatchObject({
      code: DONE,
      stderr: 'It runs: npm run admin -- wallets reports operator\n',
    })
    const shown = begun.stdout.split('\n').map((line) => line.split(/ {2,}/))
    expect(shown).toEqual([
      ['ID', expect.stringMatching(/^rec_/)],
      ['State', 'running, 0 %'],
      ['From', '2026-11-22 00:00:00 UTC'],
      ['To', '2026-11-23 12:00:00 UTC'],
      [''],
    ])
    const [head, row] = (await done(['wallets', 'reports', 'operator'])).split('\n')
    expect(head).toMatch(/^ID +STATE +TRIGGER +FROM +TO +UPSTREAM .* FINDINGS +DIFFERENCE +REASONS$/)
    expect(row).toContain(shown[0]?.[1])
    const late = await admin([
      'wallets',
      'reconcile',
      'operator',
      '--from',
      '2026-11-23',
      '--to',
      '2026-11-22',
    ])
    expect(late).toMatchObject({ code: FAILED, stdout: '' })
    expect(late.stderr).toMatch(/^ERR_VALIDATION: body\/from must be before to\n/)
  })

  it('have findings, which are closed with a note', async () => {
    const wallet = `sandbox:${await newMerchant()}`
    const none = await admin(['wallets', 'findings', wallet])
    expect(none).toEqual({ code: DONE, stdout: '', stderr: 'No findings.\n' })
    await foundByNobody(gateway, wallet, 'orphan-1')
    const [head, row] = (await done(['wallets', 'findings', wallet])).split('\n')
    expect(head).toMatch(/^ID +KIND +STATE +FOUND +PROVIDER +OURS +NOTE$/)
    expect(row).toMatch(/^orphan-1 +orphan +open +[-\d]+ [:\d]+ UTC +at=\S+ amount_dzd=500 .* {2}nothing$/)
    const closed = await done(['wallets', 'close', wallet, 'orphan-1', '--note', 'By hand.'])
    expect(closed).toMatch(/\norphan-1 +orphan +closed .* By hand\.$/)
    const listed = await json(['wallets', 'findings', wallet, '--state=closed', '--limit=1'])
    expect(listed.items).toMatchObject([{ id: 'orphan-1', closed_by: 'operator', note: 'By hand.' }])
  })

  it('that nobody has are not found', async () => {
    const run = await admin(['wallets', 'show', 'own:nobody'])
    expect(run).toMatchObject({ code: FAILED, stdout: '' })
    expect(run.stderr).toMatch(/^NOT_FOUND: Wallet 'own:nobody' not found\n/)
  })
})

describe('wrong use', () => {
  it.each([
    [[], 'Which command?', ''],
    [['shops'], "There is no command 'shops'.", ''],
    [['merchants'], "Which command of 'merchants'?", 'merchants '],
    [['merchants', 'delete', 'm1'], "There is no command 'merchants delete'.", 'merchants '],
    [['merchants', 'list', '--all'], "'merchants list' has no option --all.", 'merchants list '],
    [['merchants', 'list', '--name', 'x'], "'merchants list' has no option --name.", 'merchants list '],
    [
      ['--constructor', 'merchants', 'list'],
      "'merchants list' has no option --constructor.",
      'merchants list ',
    ],
    [['merchants', 'list', 'm1'], "'merchants list' takes nothing after it.", 'merchants list '],
    [
      ['merchants', 'create', 'My', 'Shop'],
      "'merchants create' takes only NAME; a name with spaces goes in quotes.",
      'merchants create ',
    ],
    [['merchants', 'show'], "'merchants show' needs ID.", 'merchants show '],
    [['merchants', 'show', ''], 'ID is letters, digits, _ and - only.', 'merchants show '],
    [['merchants', 'show', '..'], 'ID is letters, digits, _ and - only.', 'merchants show '],
  ])('%j names the nearest help', async (args, says, help) => {
    expectWrongUse(await admin(args), says, help)
  })
})

describe('which gateway, with which token', () => {
  it.each(['http://gateway.example', 'http://localhost.example', 'http://127.0.0.1@gateway.example'])(
    'is never told the token in the clear: %s',
    async (url) => {
      const run = await admin(['merchants', 'list', '--url', url])
      expect(run).toMatchObject({
        code: WRONG_USE,
        stdout: '',
        stderr: expect.stringMatching(/^The url .* https/),
      })
    },
  )

  it.each(['', 'gateway', 'ftp://localhost', 'http://localhost/prefix', 'https://u:p4ss@gateway.example'])(
    'cannot be %j',
    async (url) => {
      const run = await admin(['merchants', 'list', '--url', url])
      expect(run).toMatchObject({ code: WRONG_USE, stdout: '', stderr: expect.stringMatching(/^The url /) })
      expect(run.stderr).not.toContain('p4ss')
    },
  )

  it('needs a token of its own unless it is on this machine', async () => {
    const run = await admin(['merchants', 'list', '--url', 'https://gateway.example'], { env: {} })
    const says = "Set ADMIN_TOKEN to the operator's token of https://gateway.example."
    expectWrongUse(run, says, '')
    const odd = await admin(['merchants', 'list'], { env: { ADMIN_TOKEN: `${OPERATOR}\nX: y` } })
    expectWrongUse(odd, 'ADMIN_TOKEN is not a token: it has odd characters.', '')

    const told: unknown[] = []
    const url = await listen((request, _body, response) => {
      told.push(request.headers.authorization)
      response.end('{"success":true,"data":{"items":[],"next_cursor":null}}')
      return Promise.resolve()
    })
    const empty = await admin(['merchants', 'list', '--url', url], { env: { RASID_URL: gateway.url } })
    expect(empty).toEqual({ code: DONE, stdout: '', stderr: 'No merchants yet.\n' })
    expect(told).toEqual([`Bearer ${LOCAL_TOKEN}`])
  })
})

describe('when the gateway says no', () => {
  it('its code, message, details and request id are on stderr', async () => {
    const missing = await admin(['merchants', 'show', 'nobody'])
    expect(missing).toMatchObject({ code: FAILED, stdout: '' })
    expect(missing.stderr).toMatch(/^NOT_FOUND: Merchant 'nobody' not found\nrequest id: req_\w+\n$/)

    const id = await newMerchant()
    const wrong = await admin(['keys', 'create', id, '--environment=sandbox', '--name=x', '--allow-ip=here'])
    expect(wrong).toMatchObject({ code: FAILED, stdout: '' })
    expect(wrong.stderr).toMatch(
      /^ERR_VALIDATION: body\/allowed_ips\/0 must be an IP address .*\ndetails: \{"field":"allowed_ips\/0","value":"here"\}\nrequest id: req_\w+\n$/,
    )
  })

  it('a wrong token is refused and not shown', async () => {
    const env = { RASID_URL: gateway.url, ADMIN_TOKEN: `${OPERATOR}x` }
    const run = await admin(['merchants', 'list', '--json'], { env })
    expect(run).toMatchObject({ code: FAILED, stdout: '' })
    expect(run.stderr).toMatch(/^INVALID_ACCESS_TOKEN: /)
  })

  it('what it repeats of a secret is hidden', async () => {
    const url = await listen((request, body, response) => {
      const details = { heard: request.headers.authorization, value: JSON.parse(body).access_token }
      const error = { code: 'ERR_VALIDATION', message: `not ${details.value}`, details }
      response.writeHead(400, { 'Retry-After': '7' }).end(JSON.stringify({ success: false, error }))
      return Promise.resolve()
    })
    const run = await admin(['credential', 'set', 'm1', '--url', url], { input: CREDENTIAL })
    expect(run).toEqual({
      code: FAILED,
      stdout: '',
      stderr:
        'ERR_VALIDATION: not [hidden]\ndetails: {"heard":"Bearer [hidden]","value":"[hidden]"}\ntry again in: 7 s\n',
    })
  })
})

describe('when it is no gateway', () => {
  it('nothing listens: one sentence with the url', async () => {
    const closed = 'http://127.0.0.1:9'
    const run = await admin(['merchants', 'create', 'Shop', '--url', closed])
    expect(run).toMatchObject({ code: FAILED, stdout: '' })
    expect(run.stderr).toMatch(/^No gateway answers at http:\/\/127\.0\.0\.1:9 \(.+\)\.\n$/)
  })

  it.each([
    ['a page', 200, '<h1>Welcome</h1>', {}],
    ['another envelope', 404, '{"error":"Not Found"}', {}],
    ['a redirect, which is not followed', 302, '', { Location: '/elsewhere' }],
  ])('%s', async (_, status, body, headers) => {
    const asked: unknown[] = []
    const url = await listen((request, _body, response) => {
      asked.push(request.url)
      response.writeHead(status, headers).end(body)
      return Promise.resolve()
    })
    const run = await admin(['merchants', 'show', 'm1', '--url', url])
    const says = `${url} answered ${status}, but not as a Rasid gateway does: is the url right?\n`
    expect(run).toEqual({ code: FAILED, stdout: '', stderr: says })
    expect(asked).toEqual(['/admin/merchants/m1'])
  })

  it('a change whose answer is lost is not called a failure', async () => {
    const url = await listen((request) => Promise.resolve(void request.socket.destroy()))
    const run = await admin(['merchants', 'create', 'Shop', '--url', url])
    expect(run).toMatchObject({ code: FAILED, stdout: '' })
    expect(run.stderr).toMatch(/^No answer came from http.* may have done what was asked, so look .*\.\n$/)
  })
})

describe('--help', () => {
  const commands = [
    ['merchants', 'list'],
    ['merchants', 'create', 'NAME'],
    ['merchants', 'show', 'ID'],
    ['merchants', 'disable', 'ID'],
    ['merchants', 'enable', 'ID'],
    ['merchants', 'rename', 'ID', 'NAME'],
    ['merchants', 'set', 'ID'],
    ['keys', 'create', 'ID'],
    ['keys', 'change', 'ID', 'KEY'],
    ['keys', 'disable', 'ID', 'KEY'],
    ['credential', 'set', 'ID'],
    ['credential', 'remove', 'ID'],
    ['wallets', 'show', 'WALLET'],
    ['wallets', 'set', 'WALLET'],
    ['wallets', 'incidents', 'WALLET'],
    ['wallets', 'reconcile', 'WALLET'],
    ['wallets', 'reports', 'WALLET'],
    ['wallets', 'findings', 'WALLET'],
    ['wallets', 'close', 'WALLET', 'FINDING'],
  ]

  it.each(commands)('of %s %s', async (group, verb, ...operands) => {
    const { code, stdout, stderr } = await admin([group ?? '', verb ?? '', '--help'], { env: {} })
    expect([code, stderr]).toEqual([DONE, ''])
    const usage = ['npm run admin --', group, verb, ...operands, '[options]'].join(' ')
    expect(stdout.split('\n')[0]).toBe(usage)
    for (const option of ['--url URL', '--json', '--help']) expect(stdout).toContain(`\n  ${option} `)
  })

  it.each([[['--help']], [['-h']], [['merchants', '--help']]])('%j lists the commands', async (args) => {
    const { code, stdout, stderr } = await admin(args, { env: {} })
    expect([code, stderr]).toEqual([DONE, ''])
    for (const command of commands.filter(([group]) => args.length === 1 || group === args[0])) {
      expect(stdout).toContain(`\n  ${command.join(' ')} `)
    }
  })
})

it('no run ever showed the token or a credential', () => {
  expect(runs.length).toBeGreaterThan(80)
  for (const { stdout, stderr } of runs) {
    for (const secret of [OPERATOR, CREDENTIAL, JSON.stringify(CREDENTIAL).slice(1, -1), '5b2f33']) {
      expect(stdout + stderr).not.toContain(secret)
    }
  }
})
