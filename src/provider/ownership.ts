/** Whose a top-up in the provider's books is, as far as its ref says. */
import { bookOf, type Env, merchantById, orderByName } from '../env'
import { OPERATOR_WALLET, orderName, sandboxAccount, walletOwner } from '../order/name'
import type { Environment } from '../order/state'
import { logError } from '../platform/log'
import { plainRef } from './classify'
import type { Ownership } from './explain'
import type { Incident as Loss } from './incident'

export interface RefOwner {
  readonly merchantId: string
  readonly environment: Environment
  readonly ref: string
}

/** The merchant, and what he calls it: read back from the ref that the provider shows. Null where it is nobody's. Pure. */
export function refOwner(wallet: string, shownRef: string): RefOwner | null {
  const upstream = plainRef(shownRef)
  const sandbox = sandboxAccount(wallet)
  if (sandbox !== null) return { merchantId: sandbox, environment: 'sandbox', ref: upstream }
  const owner = walletOwner(wallet)
  if (owner !== null) return { merchantId: owner, environment: 'production', ref: upstream }
  const dot = upstream.indexOf('.')
  if (wallet !== OPERATOR_WALLET || dot < 1) return null
  return { merchantId: upstream.slice(0, dot), environment: 'production', ref: upstream.slice(dot + 1) }
}

/** Asks the order that has this ref, if there is one. Never throws. */
export async function ownership(
  env: Env,
  wallet: string,
  topupId: string,
  shownRef: string,
): Promise<Ownership> {
  const owner = refOwner(wallet, shownRef)
  if (owner === null) return 'foreign'
  try {
    const order = orderByName(env, await orderName(owner.merchantId, owner.environment, owner.ref))
    return (await order.owns(topupId)) ? 'ours' : 'foreign'
  } catch (error) {
    logError('wallet.ownership', error)
    return 'unsure'
  }
}

/** Puts what is gone from an account into the book of the merchant whom it concerns, if it is one's. Throws when his book cannot be reached. */
export async function bookLoss(env: Env, wallet: string, loss: Loss): Promise<void> {
  const owner = loss.ref === null ? null : refOwner(wallet, loss.ref)
  const merchantId = owner?.merchantId ?? walletOwner(wallet) ?? sandboxAccount(wallet)
  if (merchantId === null || (await merchantById(env, merchantId).describe()) === null) return
  await bookOf(env, merchantId).find({
    id: loss.id,
    environment: owner?.environment ?? (sandboxAccount(wallet) === null ? 'production' : 'sandbox'),
    kind: loss.kind,
    foundAt: Date.now(),
    ref: owner?.ref ?? null,
    upstream: { ...loss },
    ours: null,
  })
}
