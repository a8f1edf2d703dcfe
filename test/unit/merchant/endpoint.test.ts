import { describe, expect, it } from 'vitest'
import { type Endpoint, endpointId, endpointView, merchantOfEndpoint } from '../../../src/merchant/endpoint'

const key = (name: string, expiresAt: number | null) => ({
  sealed: `v1.sealed.${name}`,
  publicKey: `whpk_${name}`,
  createdAt: Date.UTC(2026, 1, 1),
  expiresAt,
})
const endpoint: Endpoint = {
  id: endpointId('shop', '0a1b2c'),
  url: 'https://shop.dz/cb',
  state: 'active',
  environment: 'sandbox',
  events: ['topup.fulfilled'],
  description: null,
  keys: [key('new', null), key('old', Date.UTC(2026, 1, 2))],
  createdAt: Date.UTC(2026, 1, 1),
  reason: null,
  verifiedAt: null,
  challenge: { at: 1, spent: 0 },
}

describe("an endpoint's id", () => {
  it('names its merchant', () => {
    expect(merchantOfEndpoint(endpointId('shop7', '0a1b2c'))).toBe('shop7')
  })

  it.each([
    '',
    'ep_',
    'ep_shop_',
    'ep__0a',
    'ep_shop_0A',
    'ep_Shop_0a',
    'ep_a_b_0a',
    'ep_shop_0a\n',
    'evt_shop_0a',
  ])('is not %j', (id) => {
    expect(merchantOfEndpoint(id)).toBeNull()
  })
})

describe('an endpoint as its merchant sees it', () => {
  it('shows the newest public key, and each with its time', () => {
    expect(endpointView(endpoint)).toEqual({
      id: 'ep_shop_0a1b2c',
      url: 'https://shop.dz/cb',
      events: ['topup.fulfilled'],
      state: 'active',
      description: null,
      reason: null,
      public_key: 'whpk_new',
      public_keys: [
        { public_key: 'whpk_new', created_at: '2026-02-01T00:00:00.000Z', expires_at: null },
        {
          public_key: 'whpk_old',
          created_at: '2026-02-01T00:00:00.000Z',
          expires_at: '2026-02-02T00:00:00.000Z',
        },
      ],
      verified_at: null,
      created_at: '2026-02-01T00:00:00.000Z',
    })
  })

  it('never shows what is sealed', () => {
    expect(JSON.stringify(endpointView(endpoint))).not.toMatch(/sealed|whsec_|whsk_|challenge/)
  })

  it('says when it was proven', () => {
    expect(endpointView({ ...endpoint, verifiedAt: 0 }).verified_at).toBe('1970-01-01T00:00:00.000Z')
  })
})
