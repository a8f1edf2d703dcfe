/** Which operators the provider calls down, and which one is behind a plan. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCatalogue } from '../../../src/provider/catalogue'
import { operatorOf, operatorsDown } from '../../../src/provider/operators'

const told = (operators: unknown) => Array.from(operatorsDown(JSON.stringify({ operators })))

describe('operators that are down', () => {
  it('are those that the provider says it of, in its own names', () => {
    expect(told({ mobilis: 'up', ooredoo: 'down', djezzy: 'up', mobilisFixedPlans: 'down' })).toEqual([
      'ooredoo',
      'mobilisFixedPlans',
    ])
    expect(told({ mobilis: 'up', ooredoo: 'up', djezzy: 'up', mobilisFixedPlans: 'up' })).toEqual([])
  })

  it('any other word is not "down": nobody is kept from sending by a guess', () => {
    expect(told({ mobilis: 'degraded', ooredoo: 'DOWN', djezzy: '', idoom: 'unknown' })).toEqual([])
  })

  it.each([
    'null',
    '[]',
    '{}',
    '42',
    '"down"',
    '{"operators":null}',
    '{"operators":"down"}',
    '{"operators":{"mobilis":false}}',
    '{"operators":["down"]}',
    '{"status":"down"}',
  ])('none, where %s is said', (json) => {
    const down = operatorsDown(json)
    for (const name of ['mobilis', 'ooredoo', 'djezzy', 'mobilisFixedPlans'])
      expect(down.has(name)).toBe(false)
  })

  it('whatever is said, it is read', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(operatorsDown(json)).toBeInstanceOf(Set)
      }),
    )
  })
})

describe('the operator behind a plan', () => {
  const dynamic = (code: string, operator: string, more = {}) => ({
    code,
    operator,
    min_amount: 50,
    max_amount: 5_000,
    ...more,
  })
  const catalogue = readCatalogue(
    JSON.stringify({
      dynamicPlans: [
        dynamic('PREPAID_MOBILIS', 'Mobilis'),
        dynamic('PREPAID_OOREDOO', 'Ooredoo'),
        dynamic('PREPAID_DJEZZY', 'Djezzy'),
        dynamic('GETMENU_MOBILIS', 'Mobilis'),
        dynamic('SOMETHING', 'Somebody'),
        dynamic('OFF', 'Mobilis', { isEnabled: false }),
      ],
      fixedPlans: [
        { code: 'MIX500_MOBILIS', operator: 'Mobilis', amount: 500 },
        { code: 'MIX500_OOREDOO', operator: 'Ooredoo', amount: 500 },
        { code: 'MIX500_DJEZZY', operator: 'Djezzy', amount: 500 },
      ],
    }),
  )
  const of = (code: string) => operatorOf(catalogue?.get(code))

  it.each([
    ['PREPAID_MOBILIS', 'mobilis'],
    ['PREPAID_OOREDOO', 'ooredoo'],
    ['PREPAID_DJEZZY', 'djezzy'],
    ['GETMENU_MOBILIS', 'mobilis'],
    ['MIX500_MOBILIS', 'mobilisFixedPlans'],
    ['MIX500_OOREDOO', 'ooredoo'],
    ['MIX500_DJEZZY', 'djezzy'],
  ])('%s is of %s', (code, operator) => {
    expect(of(code)).toBe(operator)
  })

  it('is not guessed where the catalogue does not tell', () => {
    expect([of('SOMETHING'), of('OFF'), of('NEVER_SEEN'), operatorOf(undefined)]).toEqual([
      null,
      null,
      null,
      null,
    ])
  })
})
