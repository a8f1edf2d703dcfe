import type { Gateway } from './harness'

/** Failed deliveries beside one that is there, which their order does not know: a replay of them takes a minute. */
export async function addManyFailed({ worker }: Gateway, endpointId: string): Promise<void> {
  const merchantId = /^ep_([a-z0-9]+)_/.exec(endpointId)?.[1] ?? ''
  const book = await worker.getDurableObjectStorage('Book', { name: merchantId })
  const deliveries = Array.from({ length: 3_000 }, (_, n) => ({
    id: `dlv_${n}`,
    endpointId,
    state: 'failed',
  }))
  await book.exec(
    `INSERT INTO events SELECT environment, position + 1, object_id, id || 'x', type, ref, state_version, created_at, ?, body
     FROM events LIMIT 1`,
    JSON.stringify(deliveries),
  )
}
