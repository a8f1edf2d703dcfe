/** The entry. No logic. */
import { app } from './app'
import type { Env } from './env'
import { wakeOverdueOrders } from './reconcile/overdue'

export { Book } from './merchant/book'
export { Merchant } from './merchant/merchant'
export { Order } from './order/order'
export { Wallet } from './provider/wallet'
export { Reconciler } from './reconcile/reconciler'
export { SandboxAccount } from './sandbox/account'

export default {
  fetch: app.fetch,
  scheduled: (_controller, env) => wakeOverdueOrders(env, Date.now()),
} satisfies ExportedHandler<Env>
