import { describe, expect, it } from 'vitest'
import { challenge, echoes } from '../../../src/merchant/challenge'
import { newEndpoint } from '../../../src/merchant/endpoint'

describe('the proof of an endpoint', () => {
  it('is its JSON answer with the challenge in it', () => {
    expect(echoes('{"challenge":"c-1"}', 'c-1')).toBe(true)
    expect(echoes(' {"ok":true,"challenge":"c-1"} ', 'c-1')).toBe(true)
  })

  it.each([
    '',
    'c-1',
    '"c-1"',
    '["c-1"]',
    'null',
    '1',
    '{"challenge":"c-2"}',
    '{"challenge":["c-1"]}',
    '{"data":{"challenge":"c-1"}}',
    '{"Challenge":"c-1"}',
    '<html>c-1</html>',
    '{"challenge":"c-1"',
  ])('is not %j', (answer) => {
    expect(echoes(answer, 'c-1')).toBe(false)
  })
})

it('is not asked for while nothing could sign the question; the merchant reads what helps', async () => {
  const wanted = {
    environment: 'production',
    url: 'https://shop.dz/cb',
    events: [],
    description: null,
    foldSuperseded: false,
    notifyUrl: null,
  } as const
  const settings = {
    local: false,
    oneclickBaseUrl: '',
    oneclickAccessToken: null,
    adminToken: null,
    masterKey: null,
    dnsUrl: '',
    ownZones: [],
  }
  expect(await challenge(newEndpoint(wanted, 'ep_shop_0a', [], 0), [], 'c-1', settings)).toContain(
    'rotate them',
  )
})
