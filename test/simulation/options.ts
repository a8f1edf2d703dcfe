/** The command line. */
import { parseArgs } from 'node:util'
import { FAULT_NAMES, type FaultChoice, readFaultNames } from './faults'

export const HELP = `npm run simulate -- [options]

Runs the gateway's own objects in virtual time, between a provider and merchants that fail in every way
they can, on a platform that crashes between any two effects. Exit code 1 when a promise was broken.

  --orders N          how many orders, in worlds of 50 to 150 (default 2000)
  --seed S            the same seed is the same run, byte for byte (default: by chance, and printed)
  --faults LIST       only these, comma separated: names, groups, "all" (default) or "none"
  --list-faults       what can go wrong, and how often
  --audit             the audit of the provider's statement instead: refunds, deposits and foreign spends on an account,
                      with --orders and --seed; every foreign spend must be told within 60 s, and nothing else
  --mutants           plants each known bug in the source, one at a time: each must be caught
  --mutant NAME       plants one of them
  --list-mutants      their names
  --load              what the sweep costs and how soon it notices, at several loads and budgets
  --trace             prints everything that happens
  --digest            prints the digest of everything that happens
  --help              this text

A failure prints the order's trace and the command that replays it. That command uses:

  --world W           only this world of the run
  --world-orders N    with so many orders
  --only-orders LIST  of which only these are sent
  --only-faults LIST  exactly these faults: order/kind/occurrence; 65000 is the world, 65001 merchant 1`

export interface Options {
  readonly orders: number
  readonly seed: number
  readonly faults: FaultChoice
  readonly world: number | null
  readonly worldOrders: number | null
  readonly onlyOrders: ReadonlySet<number> | null
  readonly mutant: string | null
  readonly trace: boolean
  readonly digest: boolean
  /** For the process that runs the mutants: one line of JSON and nothing else. */
  readonly json: boolean
  readonly task: 'simulate' | 'audit' | 'load' | 'mutants' | 'help' | 'list-faults' | 'list-mutants'
}

export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      orders: { type: 'string', default: '2000' },
      seed: { type: 'string' },
      faults: { type: 'string', default: 'all' },
      world: { type: 'string' },
      'world-orders': { type: 'string' },
      'only-orders': { type: 'string' },
      'only-faults': { type: 'string' },
      mutant: { type: 'string' },
      audit: { type: 'boolean', default: false },
      mutants: { type: 'boolean', default: false },
      trace: { type: 'boolean', default: false },
      digest: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      'list-faults': { type: 'boolean', default: false },
      'list-mutants': { type: 'boolean', default: false },
      load: { type: 'boolean', default: false },
    },
  })
  const only = values['only-faults']
  const onlyOrders = values['only-orders']
  const faults: FaultChoice =
    only === undefined
      ? { enabled: readFaultNames(values.faults), only: null }
      : { enabled: new Set(FAULT_NAMES), only: new Set(words(only).filter((word) => word !== 'none')) }
  const asked = (['help', 'audit', 'load', 'list-faults', 'list-mutants', 'mutants'] as const).find(
    (name) => values[name],
  )
  return {
    orders: wholeNumber('orders', values.orders),
    seed:
      values.seed === undefined
        ? Math.floor(Math.random() * 1_000_000_000)
        : wholeNumber('seed', values.seed),
    faults,
    world: values.world === undefined ? null : wholeNumber('world', values.world),
    worldOrders:
      values['world-orders'] === undefined ? null : wholeNumber('world-orders', values['world-orders']),
    onlyOrders: onlyOrders === undefined ? null : new Set(words(onlyOrders).map(Number)),
    mutant: values.mutant ?? null,
    trace: values.trace,
    digest: values.digest,
    json: values.json,
    task: asked ?? 'simulate',
  }
}

function words(list: string): string[] {
  return list.split(',').filter((word) => word !== '')
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 0)
    throw new Error(`--${name} takes a whole number, not "${text}"`)
  return number
}
