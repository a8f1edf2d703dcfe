import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { Order } from '../../src/order/order'
import { checkRef, newWorld, send } from './world'

// The first call of a file waits for the whole gateway to load.
beforeAll(async () => {
  newWorld()
  await checkRef('nobody')
}, 30_000)
afterEach(() => {
  vi.restoreAllMocks()
})

it('a send without a ref whose order died names the ref, instead of asking for the same again', async () => {
  newWorld()
  vi.spyOn(Order.prototype, 'send').mockRejectedValue(new Error('the object was reset'))
  const without = await send(undefined)
  expect(without).toMatchObject({ status: 500, error: { code: 'INTERNAL_ERROR' } })
  const { ref } = without.error.details
  expect(ref).toMatch(/^auto-[0-9a-f]{24}$/)
  expect(without.error.message).toContain(ref)
  const withRef = await send('of-his-own')
  expect(withRef).toMatchObject({ status: 500, error: { code: 'INTERNAL_ERROR' } })
  expect(withRef.error).not.toHaveProperty('details')
})
