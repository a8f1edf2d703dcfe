import { expect, it } from 'vitest'
import { DEMO_LIVE_KEY, eventually, startGateway } from './harness'
import { startMerchant } from './merchant'
import { startProvider } from './provider'

it('a top-up goes to the provider once, and its end reaches the merchant as a callback', async () => {
  const [provider, merchant] = [await startProvider(), await startMerchant()]
  const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
  const registered = await gateway.call('POST', '/v1/endpoints', {
    key: DEMO_LIVE_KEY,
    body: { url: merchant.url },
  })
  expect(registered.status).toBe(201)

  const body = { plan_code: 'PREPAID_MOBILIS', MSSIDN: '0661234567', amount: 500, ref: 'first order' }
  const sent = await gateway.call('POST', '/v3/mobile/send', { key: DEMO_LIVE_KEY, body })
  expect(sent.json).toMatchObject({ success: true, data: { topupRef: 'first order' } })

  await gateway.cron()
  provider.settle('first order', 'FULFILLED')
  const status = await eventually('the order to be final', async () => {
    const look = await gateway.call('GET', '/v3/mobile/check-ref/first%20order', { key: DEMO_LIVE_KEY })
    return look.json.data?.gateway?.final && look
  })
  expect(status.json.data.status).toBe('FULFILLED')
  expect((await merchant.received(1)).body).toMatchObject({
    type: 'topup.fulfilled',
    data: { ref: 'first order' },
  })
  expect(provider.topups).toHaveLength(1)
})
