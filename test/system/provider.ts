import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { listen, pause } from './loopback'

export type ProviderStatus = 'PENDING' | 'HANDLING' | 'FULFILLED' | 'REFUNDED' | 'UNKNOWN_ERROR'
export type Operation =
  | 'send'
  | 'check-ref'
  | 'check-id'
  | 'list'
  | 'plans'
  | 'balance'
  | 'transactions'
  | 'validate'
  | 'ping'
  | 'unknown'

/** The provider's own record: what truly happened, whatever its answers said. */
export interface ProviderTopup {
  readonly id: string
  readonly ref: string
  readonly planCode: string
  readonly msisdn: string
  readonly amount: number
  readonly createdAt: string
  status: ProviderStatus | (string & {})
  refundMessage?: string
  suggestedOffers?: readonly { typename: string; plan_code: string; amount: number }[]
  /** Fields that no document has, shown with the others. */
  undocumented?: object
}

/** What happens to one call instead of, or on top of, its honest answer. */
export interface Fault {
  /** Only calls that fit; without it, the next call of the operation. */
  readonly when?: (call: ProviderCall) => boolean
  /** How often; default once. */
  readonly times?: number
  readonly delayMs?: number
  /** Nothing is made and 500 is the answer; without it a send is accepted, whatever is answered. */
  readonly notAccepted?: boolean
  /** In place of the honest answer; a `body` that is not a string is sent as JSON. */
  readonly answer?: {
    readonly status?: number
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: unknown
  }
  /** `hang`: never answers. `destroy`: ends the connection. `truncate`: stops in the middle of the answer. */
  readonly ending?: 'hang' | 'destroy' | 'truncate'
}

export interface ProviderCall {
  readonly operation: Operation
  readonly method: string
  /** As it travelled, percent-encoding included. */
  readonly path: string
  /** The decoded ref or id of the path, or the ref of a send. */
  readonly subject: string | null
  readonly headers: IncomingMessage['headers']
  readonly rawBody: string
  readonly at: number
  /** The body that was really sent back, faults and all; null when none was. */
  answered: string | null
}

/** One account at the provider: its own refs, balance and movements. */
export interface ProviderAccount {
  /** In the order they were accepted. `topups.length` is how often money moved. */
  readonly topups: readonly ProviderTopup[]
  balance(): number
  /** By the exact upstream ref, or the only one whose ref ends in it (wallets may prefix). */
  find(ref: string): ProviderTopup | undefined
  /** Sets what the provider says from now on. Fails when it never accepted the ref. */
  settle(
    ref: string,
    status: ProviderTopup['status'],
    more?: Pick<ProviderTopup, 'refundMessage' | 'suggestedOffers' | 'undocumented'>,
  ): void
  /** Calls it refunded, and keeps the money. */
  refundUnpaid(ref: string): void
  /** Shows other facts of it from now on than those that it was sent with. */
  alter(ref: string, change: Partial<Pick<ProviderTopup, 'planCode' | 'msisdn' | 'amount'>>): void
  /** Takes its price once more. */
  chargeAgain(ref: string): void
  /** Neither list nor look-ups show it any more; what was paid for it stays paid. */
  lose(ref: string): void
  setBalance(balance: number): void
  /** Somebody with the account's key buys for himself, past the gateway: a top-up, or what is no top-up. */
  spend(amount: number, more?: { readonly ref?: string; readonly type?: 'FLEXY' | 'ORDER' }): ProviderTopup
  /** Money comes in, and the statement shows it. */
  deposit(amount: number): void
}

/** What `GET /v3/validate` says of a key. */
export interface KeyDetails {
  readonly username?: string
  readonly type?: string
  readonly scope?: string
  readonly isEnabled?: boolean
  readonly allowedips?: readonly string[]
}

/** Every key that is not of `account` speaks for one and the same account: this one. */
export interface Provider extends ProviderAccount {
  /** Give it to the gateway as ONECLICK_BASE_URL. */
  readonly url: string
  readonly calls: readonly ProviderCall[]
  callsOf(operation: Operation): ProviderCall[]
  /** Opens an account of its own for the key, with what `GET /v3/validate` says of it and a name of its own. */
  account(accessToken: string, details?: KeyDetails): ProviderAccount
  /** The key is refused from now on, whatever it asks. */
  refuseKey(accessToken: string): void
  /** The `data` of `GET /v3/mobile/plans` from now on. */
  setPlans(data: unknown): void
  /** What `GET /v3/ping` says of its operators from now on; those that are not named are as they were. */
  setOperators(words: Readonly<Record<string, 'up' | 'down'>>): void
  /** The status that new top-ups have from the start; PENDING at first. */
  defaultStatus(status: ProviderTopup['status']): void
  /** Faults of one operation are used up in the order given. */
  fault(operation: Operation, fault: Fault): void
}

interface HonestAnswer {
  readonly status: number
  readonly body: unknown
}

export async function startProvider(): Promise<Provider> {
  const calls: ProviderCall[] = []
  const faults = new Map<Operation, (Fault & { left: number })[]>()
  const ledgers = new Map<string, Ledger>()
  const refusedKeys = new Set<string>()
  const shared = openLedger({})
  let initialStatus: ProviderTopup['status'] = 'PENDING'
  let plans: unknown = PLANS
  const operators = { mobilis: 'up', ooredoo: 'up', djezzy: 'up', mobilisFixedPlans: 'up' }

  function takeFault(call: ProviderCall): Fault | null {
    const fault = faults.get(call.operation)?.find(({ left, when }) => left > 0 && (when?.(call) ?? true))
    if (fault === undefined) return null
    fault.left -= 1
    return fault
  }

  const url = await listen(async (request, rawBody, response) => {
    const call = readCall(request, rawBody)
    calls.push(call)
    const fault = takeFault(call)
    const honest = fault?.notAccepted ? failure(500, 'INTERNAL_ERROR', 'Internal error') : answerTo(call)
    if (fault?.delayMs !== undefined) await pause(fault.delayMs)
    call.answered = reply(response, honest, fault)
  })

  function answerTo(call: ProviderCall): HonestAnswer {
    const key = call.headers['x-access-token']
    if (call.operation !== 'ping' && key === undefined) {
      return failure(401, 'MISSING_ACCESS_TOKEN', 'Access token is required')
    }
    if (refusedKeys.has(String(key))) {
      return failure(401, 'INVALID_ACCESS_TOKEN', 'The provided access token is invalid')
    }
    const ledger = ledgers.get(String(key)) ?? shared
    const { topups } = ledger
    const query = new URL(call.path, url).searchParams
    switch (call.operation) {
      case 'send':
        return send(ledger, call.rawBody)
      case 'check-ref': {
        const topup = topups.find(({ ref }) => ref === call.subject)
        return topup === undefined
          ? failure(404, 'NOT_FOUND', `Top-up with reference '${call.subject}' not found`)
          : success(wire(topup))
      }
      case 'check-id': {
        const topup = topups.find(({ id }) => id === call.subject)
        return topup === undefined ? failure(404, 'NOT_FOUND', 'Top-up not found') : success(wire(topup))
      }
      case 'list':
        return success(pageOf(topups, ({ createdAt }) => createdAt, wire, query))
      case 'transactions':
        return success(
          pageOf(
            ledger.movements,
            ({ time }) => time,
            (row) => row,
            query,
          ),
        )
      case 'plans':
        return success(plans)
      case 'balance':
        return success({ balance: ledger.balance })
      case 'validate':
        return { status: 200, body: { success: true, data: accountOf(key, ledger.details) } }
      case 'ping':
        return success({ api: 'ok', operators })
      default:
        return {
          status: 404,
          body: {
            message: `Route ${call.method}:${call.path} not found`,
            error: 'Not Found',
            statusCode: 404,
          },
        }
    }
  }

  function send(ledger: Ledger, rawBody: string): HonestAnswer {
    const {
      plan_code: planCode,
      MSSIDN: msisdn,
      amount,
      ref = randomBytes(8).toString('hex'),
    } = JSON.parse(rawBody)
    if (!/^0[567][0-9]{8}$/.test(msisdn)) {
      return failure(400, 'ERR_VALIDATION', 'body/MSSIDN must match pattern "^0[567][0-9]{8}$"', {
        field: 'MSSIDN',
        value: msisdn,
      })
    }
    if (ledger.topups.some((topup) => topup.ref === ref)) {
      return failure(403, 'DUPLICATED_REF', 'This reference ID is already in use')
    }
    if (amount > ledger.balance) {
      return failure(403, 'INSUFFICIENT_BALANCE', 'Your balance is insufficient for this operation', {
        required: amount,
        available: ledger.balance,
      })
    }
    const id = randomBytes(12).toString('hex')
    const createdAt = new Date().toISOString()
    const topup = { id, ref, planCode, msisdn, amount: amount ?? 0, createdAt, status: initialStatus }
    ledger.topups.push(topup)
    move(ledger, 'FLEXY', topup)
    return success({ topupId: id, topupRef: ref })
  }

  return {
    url,
    calls,
    callsOf: (operation) => calls.filter((call) => call.operation === operation),
    ...accountIn(shared),
    account(accessToken, details = {}) {
      const ledger = openLedger({ username: `+2136620${String(ledgers.size).padStart(5, '0')}`, ...details })
      ledgers.set(accessToken, ledger)
      return accountIn(ledger)
    },
    refuseKey: (accessToken) => {
      refusedKeys.add(accessToken)
    },
    setPlans: (data) => {
      plans = data
    },
    setOperators: (words) => {
      Object.assign(operators, words)
    },
    defaultStatus: (status) => {
      initialStatus = status
    },
    fault(operation, fault) {
      faults.set(operation, [...(faults.get(operation) ?? []), { ...fault, left: fault.times ?? 1 }])
    },
  }
}

interface Movement {
  readonly _id: string
  readonly type: 'FLEXY' | 'REFUND-FLEXY' | 'ORDER' | 'DEPOSIT'
  readonly operation: string
  readonly amount: number
  readonly oldBalance: number
  readonly newBalance: number
  readonly objid: string
  readonly note: string
  readonly time: string
}

interface Ledger {
  readonly details: KeyDetails
  readonly topups: ProviderTopup[]
  readonly movements: Movement[]
  balance: number
}

function openLedger(details: KeyDetails): Ledger {
  return { details, topups: [], movements: [], balance: 1_000_000 }
}

function accountIn(ledger: Ledger): ProviderAccount {
  const { topups } = ledger
  const find = (ref: string) => {
    const exact = topups.find((topup) => topup.ref === ref)
    if (exact !== undefined) return exact
    const ending = topups.filter((topup) => topup.ref.endsWith(ref))
    return ending.length === 1 ? ending[0] : undefined
  }
  const known = (ref: string) => {
    const topup = find(ref)
    if (topup !== undefined) return topup
    const refs = topups.map((one) => one.ref).join(', ') || 'nothing'
    throw new Error(`The provider never accepted "${ref}"; it has: ${refs}`)
  }
  return {
    topups,
    balance: () => ledger.balance,
    find,
    settle(ref, status, more = {}) {
      const topup = known(ref)
      if (status === 'REFUNDED' && topup.status !== 'REFUNDED') move(ledger, 'REFUND-FLEXY', topup)
      Object.assign(topup, { status, ...more })
    },
    refundUnpaid: (ref) => {
      known(ref).status = 'REFUNDED'
    },
    alter: (ref, change) => {
      Object.assign(known(ref), change)
    },
    chargeAgain: (ref) => move(ledger, 'FLEXY', known(ref)),
    lose: (ref) => {
      topups.splice(topups.indexOf(known(ref)), 1)
    },
    setBalance: (balance) => {
      ledger.balance = balance
    },
    spend(amount, { ref = randomBytes(8).toString('hex'), type = 'FLEXY' } = {}) {
      const topup: ProviderTopup = {
        id: randomBytes(12).toString('hex'),
        ref,
        planCode: 'PREPAID_MOBILIS',
        msisdn: '0661999999',
        amount,
        createdAt: new Date().toISOString(),
        status: 'FULFILLED',
      }
      if (type === 'FLEXY') topups.push(topup)
      move(ledger, type, topup)
      return topup
    },
    deposit: (amount) => {
      addMovement(ledger, 'DEPOSIT', amount, { objid: randomBytes(12).toString('hex'), note: 'CCP' })
    },
  }
}

function move(ledger: Ledger, type: Exclude<Movement['type'], 'DEPOSIT'>, topup: ProviderTopup): void {
  const { id: objid, planCode, msisdn } = topup
  const change = type === 'REFUND-FLEXY' ? chargeOf(topup) : -chargeOf(topup)
  addMovement(ledger, type, change, { objid, note: `${planCode} ${msisdn}` })
}

function addMovement(
  ledger: Ledger,
  type: Movement['type'],
  change: number,
  about: Pick<Movement, 'objid' | 'note'>,
): void {
  const oldBalance = ledger.balance
  ledger.balance += change
  ledger.movements.push({
    _id: randomBytes(12).toString('hex'),
    type,
    operation: change < 0 ? 'DECREMENT' : 'INCREMENT',
    amount: Math.abs(change),
    oldBalance,
    newBalance: ledger.balance,
    ...about,
    time: new Date().toISOString(),
  })
}

const chargeOf = ({ amount }: ProviderTopup) => amount * 0.98

/** Newest first; `from` and `to` are included. */
function pageOf<T>(
  rows: readonly T[],
  timeOf: (row: T) => string,
  view: (row: T) => unknown,
  query: URLSearchParams,
) {
  const page = Number(query.get('page') ?? 1)
  const pageSize = Number(query.get('pageSize') ?? 20)
  const from = Date.parse(query.get('from') ?? '0001-01-01')
  const to = Date.parse(query.get('to') ?? '9999-12-31')
  const found = rows
    .filter((row) => Date.parse(timeOf(row)) >= from && Date.parse(timeOf(row)) <= to)
    .reverse()
  const totalResults = found.length
  return {
    items: found.slice((page - 1) * pageSize, page * pageSize).map(view),
    pagination: { page, pageSize, totalPages: Math.ceil(totalResults / pageSize), totalResults },
  }
}

function readCall(request: IncomingMessage, rawBody: string): ProviderCall {
  const path = request.url ?? ''
  const [route = ''] = path.split('?')
  const method = request.method ?? ''
  const lookUp = /^\/v3\/mobile\/(check-ref|check-id)\/([^/]+)$/.exec(route)
  const operation = (lookUp?.[1] ?? ROUTES[`${method} ${route}`] ?? 'unknown') as Operation
  const subject =
    lookUp?.[2] !== undefined ? decodeURIComponent(lookUp[2]) : operation === 'send' ? refOf(rawBody) : null
  return {
    operation,
    method,
    path,
    subject,
    headers: request.headers,
    rawBody,
    at: Date.now(),
    answered: null,
  }
}

const ROUTES: Readonly<Record<string, Operation>> = {
  'POST /v3/mobile/send': 'send',
  'GET /v3/mobile/list': 'list',
  'GET /v3/mobile/plans': 'plans',
  'GET /v3/account/balance': 'balance',
  'GET /v3/account/transactions': 'transactions',
  'GET /v3/validate': 'validate',
  'GET /v3/ping': 'ping',
}

function refOf(rawBody: string): string | null {
  try {
    return JSON.parse(rawBody).ref ?? null
  } catch {
    return null
  }
}

/** Answers what it sent. */
function reply(response: ServerResponse, honest: HonestAnswer, fault: Fault | null): string | null {
  if (fault?.ending === 'hang') return null
  if (fault?.ending === 'destroy') {
    response.destroy()
    return null
  }
  const body = fault?.answer !== undefined && 'body' in fault.answer ? fault.answer.body : honest.body
  const whole = typeof body === 'string' ? body : JSON.stringify(body)
  const text = fault?.ending === 'truncate' ? whole.slice(0, Math.ceil(whole.length / 2)) : whole
  response.writeHead(fault?.answer?.status ?? honest.status, {
    'Content-Type': typeof body === 'string' ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
    'X-Request-Id': requestId(),
    ...fault?.answer?.headers,
  })
  response.end(text)
  return text
}

/** The object of check-ref, check-id and list. */
function wire(topup: ProviderTopup) {
  return {
    _id: topup.id,
    ref: topup.ref,
    status: topup.status,
    plan_code: topup.planCode,
    MSSIDN: topup.msisdn,
    topup_amount: topup.amount,
    balance_amount: topup.status === 'REFUNDED' ? 0 : chargeOf(topup),
    created_at: topup.createdAt,
    ...(topup.refundMessage === undefined ? {} : { refund_message: topup.refundMessage }),
    ...(topup.suggestedOffers === undefined ? {} : { suggested_offers: topup.suggestedOffers }),
    ...topup.undocumented,
  }
}

export const PLANS = {
  dynamicPlans: [
    {
      code: 'PREPAID_DJEZZY',
      name: '📱 PREPAID | عادي',
      operator: 'Djezzy',
      cost: 0.98,
      isEnabled: true,
      min_amount: 50,
      max_amount: 5000,
    },
    {
      code: 'PREPAID_MOBILIS',
      name: '📱 PREPAID | عادي',
      operator: 'Mobilis',
      cost: 0.96,
      isEnabled: true,
      min_amount: 40,
      max_amount: 3999,
    },
    {
      code: 'GROS_MOBILIS',
      name: '📱 GROS MOBILIS | جملة',
      operator: 'GMobilis',
      isEnabled: true,
      min_amount: 5000,
      max_amount: 300000,
    },
  ],
  fixedPlans: [
    { code: 'PIXX_500', name: 'Pixx 500 DA', operator: 'Pixx', cost: 0.97, isEnabled: true, amount: 500 },
  ],
}

/** The name of the account that every other key speaks for, the operator's too. */
export const OPERATOR_USERNAME = '+213600000000'

function accountOf(key: unknown, { username = OPERATOR_USERNAME, ...details }: KeyDetails) {
  const usual = { isEnabled: true, type: 'PRODUCTION', allowedips: [], scope: 'READ-WRITE' }
  return { username, apiKey: { key, ...usual, ...details } }
}

function success(data: unknown): HonestAnswer {
  return {
    status: 200,
    body: { success: true, data, meta: { timestamp: new Date().toISOString() }, requestId: requestId() },
  }
}

function failure(status: number, code: string, message: string, details?: unknown): HonestAnswer {
  const error = { code, message, ...(details === undefined ? {} : { details }) }
  return { status, body: { success: false, error, requestId: requestId() } }
}

function requestId(): string {
  return `req_${Math.floor(Date.now() / 1000)}_${randomBytes(3).toString('hex')}`
}
