import { expect, it } from 'vitest'
import { refOwner } from '../../../src/provider/ownership'

it.each([
  ['operator', 'API-+213550000001-m4be0.order-7', 'm4be0', 'production', 'order-7'],
  ['operator', 'm4be0.order.with.dots', 'm4be0', 'production', 'order.with.dots'],
  ['own:m4be0', 'API-+213550000001-order-7', 'm4be0', 'production', 'order-7'],
  ['own:m4be0', 'm9.order-7', 'm4be0', 'production', 'm9.order-7'],
  ['sandbox:demo', 'API-+213600000001-order-7', 'demo', 'sandbox', 'order-7'],
])('in the account %s the ref %s is of %s, in %s: %s', (wallet, shown, merchantId, environment, ref) => {
  expect(refOwner(wallet, shown)).toEqual({ merchantId, environment, ref })
})

it.each(['order-7', '.order-7', 'API-+213550000001-order-7'])(
  'in the account that merchants share, %s is nobody’s',
  (shown) => {
    expect(refOwner('operator', shown)).toBeNull()
  },
)
