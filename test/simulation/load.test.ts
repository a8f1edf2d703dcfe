/** What the sweep costs and how soon it notices, in virtual time: the same at every run of a seed. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)

interface Row {
  readonly reads: number
  readonly books: number
  readonly medianMs: number
  readonly p99Ms: number
}

it('a result is noticed soon at any load, for few reads', async () => {
  const { stdout } = await run(process.execPath, ['scripts/simulate.mjs', '--load', '--seed', '1'])
  const rows = new Map<string, Row>()
  for (const line of stdout.split('\n')) {
    const [rate, budget, reads, books, medianMs, p99Ms] = line.trim().split(/\s+/).map(Number)
    if (!Number.isFinite(p99Ms)) continue
    rows.set(`${rate} at ${budget}`, { reads, books, medianMs, p99Ms } as Row)
  }
  const row = (name: string) => {
    const found = rows.get(name)
    if (found === undefined) throw new Error(`no figures of ${name} in:\n${stdout}`)
    return found
  }
  expect(row('0.01 at 120').reads).toBeLessThanOrEqual(5)
  for (const name of ['0.01 at 120', '1 at 120', '10 at 300', '50 at 360']) {
    expect(row(name).medianMs, name).toBeLessThanOrEqual(1_200)
    expect(row(name).p99Ms, name).toBeLessThanOrEqual(4_000)
  }
  // The orders go out in 60 s and are read for 30 more; a minute of them costs 300 reads, and never more.
  expect(row('50 at 300').reads + row('50 at 300').books).toBeLessThanOrEqual(0.1 * 1.5)
  expect(row('50 at 300').medianMs).toBeLessThanOrEqual(1_500)
})
