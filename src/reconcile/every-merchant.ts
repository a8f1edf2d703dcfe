/** Every merchant that there is, from the list that the edge has of them. */
import type { Env } from '../env'
import { MERCHANT_PREFIX } from '../merchant/record'

/** One that was made a moment ago may not be in it yet. */
export async function* merchantIds(env: Env): AsyncGenerator<string> {
  let cursor: string | null = null
  do {
    const page: KVNamespaceListResult<unknown> = await env.KEYS.list({ prefix: MERCHANT_PREFIX, cursor })
    for (const { name } of page.keys) yield name.slice(MERCHANT_PREFIX.length)
    cursor = page.list_complete ? null : page.cursor
  } while (cursor !== null)
}
