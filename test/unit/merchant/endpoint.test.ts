import { describe, expect, it } from 'vitest'
import { type Endpoint, endpointId, merchantOfEndpoint } from '../../../src/merchant/endpoint'
import { endpointView } from '../../../src/merchant/endpoint-view'
import { failed } from '../../../src/merchant/health'

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
  foldSuperseded: false,
  notifyUrl: null,
  replaces: [],
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
    expect(endpointView(endpoint, null, 0)).toEqual({
      id: 'ep_shop_0a1b2c',
      url: 'https://shop.dz/cb',
      events: ['topup.fulfilled'],
      state: 'active',
      description: null,
      reason: null,
      fold_superseded: false,
      notify_url: null,
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
      held: 0,
      health: {
        state: 'ok',
        failing_since: null,
        failures: 0,
        last_outcome: null,
        next_probe_at: null,
        disables_at: null,
      },
    })
  })

  it('shows how long its receiver has been silent, and how long that may go on', () => {
    const failing = failed(null, { order: 'a', outcome: 'timeout' }, Date.UTC(2026, 1, 1), 0.5)
    expect(endpointView(endpoint, failing, 7)).toMatchObject({
      held: 7,
      health: {
        state: 'failing',
        failing_since: '2026-02-01T00:00:00.000Z',
        failures: 1,
        last_outcome: 'timeout',
        next_probe_at: null,
        disables_at: '2026-02-04T00:00:00.000Z',
      },
    })
    const silent = ['b', 'c', 'd', 'e'].reduce(
      (health, order) => failed(health, { order, outcome: 'connect' }, Date.UTC(2026, 1, 1), 0.5),
      failing,
    )
    expect(endpointView(endpoint, silent, 0).health).toMatchObject({
      state: 'silent',
      next_probe_at: '2026-02-01T00:00:15.000Z',
    })
  })

  it('never shows a secret or a private key', () => {
    expect(JSON.stringify(endpointView(endpoint, null, 0))).not.toMatch(/whsec_|whsk_|challenge/)
  })

  it('says when it was proven', () => {
    expect(endpointView({ ...endpoint, verifiedAt: 0 }, null, 0).verified_at).toBe('1970-01-01T00:00:00.000Z')
  })
})
