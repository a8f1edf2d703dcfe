/** `/admin/wallets`: the provider accounts, for their operator. */
import { type Context, Hono } from 'hono'
import { merchantById, walletByName } from '../env'
import { OPERATOR_WALLET, sandboxAccount, walletOwner } from '../order/name'
import { incidentView, type WalletSettings, walletView } from '../provider/view'
import { type Caller, withAdminToken } from './auth'
import { changeWalletBody, incidentsQuery } from './contract'
import { ApiError, success } from './envelope'
import { readBody, readQuery } from './validation'

export const wallets = new Hono<Caller>()

/** What it may ask and how it fares: budgets, line, breaker, balance, strange answers. */
wallets.get('/wallets/:id', withAdminToken, async (c) => {
  const { id, wallet } = await mustFindWallet(c)
  return success(c, JSON.stringify(walletView(id, await wallet.describe())))
})

/** True at once. */
wallets.patch('/wallets/:id', withAdminToken, async (c) => {
  const body = await readBody(c, changeWalletBody)
  const { id, wallet } = await mustFindWallet(c)
  const { settings } = await wallet.describe()
  const wanted = <T>(value: T | undefined, present: T): T => (value === undefined ? present : value)
  const change: WalletSettings = {
    readsPerMinute: wanted(body.reads_per_minute, settings.readsPerMinute),
    sendsPerMinute: wanted(body.sends_per_minute, settings.sendsPerMinute),
    lowBalance: {
      dzd: wanted(body.low_balance_dzd, settings.lowBalance.dzd),
      hours: wanted(body.low_balance_hours, settings.lowBalance.hours),
    },
  }
  return success(c, JSON.stringify(walletView(id, await wallet.change(change))))
})

/** What the operator should know, newest first; the newest 1,000 are kept. */
wallets.get('/wallets/:id/incidents', withAdminToken, async (c) => {
  const { limit } = readQuery(c, incidentsQuery)
  const { wallet } = await mustFindWallet(c)
  const incidents = await wallet.incidents(limit)
  return success(c, JSON.stringify({ items: incidents.map(incidentView), next_cursor: null }))
})

/** `operator`, `own:{merchant}`, `sandbox:{merchant}`. */
export async function mustFindWallet(c: Context<Caller>, id = c.req.param('id') ?? '') {
  const merchantId = walletOwner(id) ?? sandboxAccount(id)
  const exists =
    merchantId === null ? id === OPERATOR_WALLET : (await merchantById(c.env, merchantId).describe()) !== null
  if (!exists) throw new ApiError('NOT_FOUND', `Wallet '${id}' not found`)
  return { id, wallet: walletByName(c.env, id) }
}
