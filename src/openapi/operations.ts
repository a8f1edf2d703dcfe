/** Every operation of the gateway, in the order of the document. A test holds it against the mounted routes. */
import { adminOperations } from './admin-operations'
import { callbackOperations } from './callback-operations'
import { deliveryOperations } from './delivery-operations'
import { endpointKeyOperations } from './endpoint-key-operations'
import { eventOperations } from './event-operations'
import { findingOperations } from './finding-operations'
import { merchantOperations } from './merchant-operations'
import type { Operation } from './operation'
import { reconciliationOperations } from './reconciliation-operations'
import { replayOperations } from './replay-operations'
import { accountOperations, topupOperations } from './topup-operations'
import { walletOperations } from './wallet-operations'
import { walletReconciliationOperations } from './wallet-reconciliation-operations'

export const OPERATIONS: readonly Operation[] = [
  ...topupOperations,
  ...accountOperations,
  ...merchantOperations,
  ...endpointKeyOperations,
  ...callbackOperations,
  ...deliveryOperations,
  ...eventOperations,
  ...replayOperations,
  ...reconciliationOperations,
  ...findingOperations,
  ...adminOperations,
  ...walletOperations,
  ...walletReconciliationOperations,
]

/** For tests; throws when there is no such operation. */
export function operation(id: string): Operation {
  const found = OPERATIONS.find((candidate) => candidate.id === id)
  if (found === undefined) throw new Error(`There is no operation "${id}"`)
  return found
}
