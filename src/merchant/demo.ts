/** The merchant that exists on a developer's machine and in tests, and nowhere else. */
import type { Environment } from '../order/state'

export const DEMO_MERCHANT = 'demo'

export const DEMO_KEYS: Readonly<Record<string, Environment>> = {
  rsd_test_demo: 'sandbox',
  rsd_live_demo: 'production',
}
