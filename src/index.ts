/** The entry. No logic. */
import { app } from './app'
import type { Env } from './env'
import { wakeOverdueOrders } from './reconcile/overdue'
import { planReconciliations } from './reconcile/planning'

export { Book } from './merchant/book'
export { Merchant } from './merchant/merchant'
export { Order } from './order/order'
export { Wallet } from './provider/wallet'
export { Reconciler } from './reconcile/reconciler'
export { SandboxAccount } from './sandbox/account'

export default {
  fetch: app.fetch,
  scheduled: async ({ scheduledTime }, env) => {
    await Promise.all([wakeOverdueOrders(env, Date.now()), planReconciliations(env, scheduledTime)])
  },
} satisfies ExportedHandler<Env>
