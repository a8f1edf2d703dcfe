import { expect } from 'vitest'
import { type Client, clientOf } from './client'
import { ADMIN_TOKEN, type Answer, eventually, type Gateway, type Reachable } from './harness'
import { type Merchant, startMerchant } from './merchant'
import type { Operation, Provider, ProviderAccount, ProviderCall } from './provider'

export const asOperator = { Authorization: `Bearer ${ADMIN_TOKEN}` }

// biome-ignore lint/suspicious/noExplicitAny: tests read deep into answers; the assertion is the type check.
type Data = any

/** A wallet as its operator reaches it. */
export interface WalletAccess {
  readonly id: string
  show(): Promise<Data>
  set(change: object): Promise<Answer>
  /** Newest first. */
  incidents(kind?: string): Promise<readonly Data[]>
  /** The first view that fits. */
  until(what: string, fits: (wallet: Data) => boolean, timeoutMs?: number): Promise<Data>
}

export function walletAt(gateway: Reachable, id: string): WalletAccess {
  const path = `/admin/wallets/${encodeURIComponent(id)}`
  const dataOf = async (asked: string): Promise<Data> => {
    const answer = await gateway.call('GET', asked, { headers: asOperator })
    expect(answer.status, answer.text).toBe(200)
    return answer.json.data
  }
  const wallet: WalletAccess = {
    id,
    show: () => dataOf(path),
    set: (body) => gateway.call('PATCH', path, { headers: asOperator, body }),
    async incidents(kind) {
      const { items } = await dataOf(`${path}/incidents`)
      return kind === undefined ? items : items.filter((incident: Data) => incident.kind === kind)
    },
    until: (what, fits, timeoutMs) =>
      eventually(
        `the wallet ${id} ${what}`,
        async () => {
          const shown = await wallet.show()
          return fits(shown) && shown
        },
        timeoutMs,
      ),
  }
  return wallet
}

/** A merchant with a production key. */
export interface Trader {
  readonly id: string
  readonly key: string
  readonly client: Client
  findings(query?: string): Promise<readonly Data[]>
  /** Registers a server, and waits until it has proven itself. */
  receiver(): Promise<Merchant>
}

export async function openTrader(
  gateway: Gateway,
  { settings = {}, accessToken }: { settings?: object; accessToken?: string } = {},
): Promise<Trader> {
  const operate = async (method: string, path: string, body: object): Promise<Data> => {
    const answer = await gateway.call(method, path, { headers: asOperator, body })
    expect(answer.status, answer.text).toBeLessThan(300)
    return answer.json.data
  }
  const { id } = await operate('POST', '/admin/merchants', { name: 'Shop' })
  const path = `/admin/merchants/${id}`
  await operate('PATCH', path, { settings })
  if (accessToken !== undefined) await operate('PUT', `${path}/credential`, { access_token: accessToken })
  // Made last: what the edge knows of a merchant comes with his key.
  const { key } = await operate('POST', `${path}/keys`, { environment: 'production', name: 'till' })
  return {
    id,
    key,
    client: clientOf(gateway, key),
    async findings(query = '') {
      const answer = await gateway.call('GET', `/v1/findings${query}`, { key })
      expect(answer.status, answer.text).toBe(200)
      return answer.json.data.items
    },
    async receiver() {
      const merchant = await startMerchant()
      const body = { url: merchant.url }
      const made = await gateway.call('POST', '/v1/endpoints', { key, body })
      await eventually('the endpoint to be active', async () => {
        const shown = await gateway.call('GET', `/v1/endpoints/${made.json.data.id}`, { key })
        return shown.json.data.state === 'active'
      })
      return merchant
    },
  }
}

/** A merchant with a provider account of his own: its budget, breaker, balance and incidents are no other test's. */
export interface Owner extends Trader {
  readonly wallet: WalletAccess
  readonly account: ProviderAccount
  readonly accessToken: string
  /** For faults that only this account meets. */
  readonly isMine: (call: ProviderCall) => boolean
  calls(operation: Operation): ProviderCall[]
  /** The refs of its sends, as they reached the provider. */
  sentRefs(): (string | null)[]
}

let accounts = 0

export async function openAccount(
  gateway: Gateway,
  provider: Provider,
  { balance, ...settings }: { balance?: number; operator_down?: 'refuse' } = {},
): Promise<Owner> {
  const accessToken = `an-access-token-${++accounts}`
  const account = provider.account(accessToken)
  if (balance !== undefined) account.setBalance(balance)
  const trader = await openTrader(gateway, { settings, accessToken })
  const isMine = ({ headers }: ProviderCall) => headers['x-access-token'] === accessToken
  const calls = (operation: Operation) => provider.callsOf(operation).filter(isMine)
  return {
    ...trader,
    wallet: walletAt(gateway, `own:${trader.id}`),
    account,
    accessToken,
    isMine,
    calls,
    sentRefs: () => calls('send').map(({ subject }) => subject),
  }
}
