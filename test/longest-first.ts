import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** They wait for clocks more than for the processor: begun first, they do not hold up the end of the run. */
const LONGEST = [
  'system/kill.test.ts',
  'simulation/simulate.test.ts',
  'system/doubt.test.ts',
  'system/reconciliation-chain.test.ts',
  'system/callbacks/order.test.ts',
  'system/wallet-money.test.ts',
  'system/sandbox.test.ts',
  'system/callbacks/crash.test.ts',
  'system/callbacks/fair.test.ts',
]

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => rank(a) - rank(b))
  }
}

function rank({ moduleId }: TestSpecification): number {
  const place = LONGEST.findIndex((file) => moduleId.endsWith(file))
  return place < 0 ? LONGEST.length : place
}
