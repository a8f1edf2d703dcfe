/** An order by its id: two look-ups in an index, however many orders there are. */
import { runInDurableObject } from 'cloudflare:test'
import { expect, it } from 'vitest'
import { findById } from '../../src/merchant/order-search'
import { entry, newBook, record } from './book-entries'

const found = entry(2, { providerId: 'provider-2' })

it.each([found.topupId, 'provider-2'])('is found by %s, by the indexes of ids', async (id) => {
  const book = newBook('by-id')
  await record(book, [entry(1), found, entry(3, { providerId: 'provider-3' })])
  const { order, plan } = await runInDurableObject(book, (_, { storage }) => {
    const plans: string[] = []
    const explained = new Proxy(storage.sql, {
      get: (sql, name) => {
        if (name !== 'exec') throw new Error(`${String(name)} is not asked for`)
        return (query: string, ...values: SqlStorageValue[]) => {
          const steps = sql.exec<{ detail: string }>(`EXPLAIN QUERY PLAN ${query}`, ...values)
          plans.push(...steps.toArray().map(({ detail }) => detail))
          return sql.exec(query, ...values)
        }
      },
    })
    return { order: findById(explained, 'production', id), plan: plans.join('\n') }
  })
  expect(order?.ref).toBe(found.ref)
  expect(plan).toContain('USING INDEX orders_by_topup (topup_id=?)')
  expect(plan).toContain('USING INDEX orders_by_provider (provider_id=?)')
  expect(plan).not.toMatch(/SCAN|PRIMARY KEY/)
})
