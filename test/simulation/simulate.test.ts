/** The command, as a developer runs it: what it finds, and how it tells. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const SCRIPT = fileURLToPath(new URL('../../scripts/simulate.mjs', import.meta.url).href)
/** Twice what the slowest machine needed. */
const PATIENCE_MS = 600_000

interface Run {
  readonly exitCode: number | null
  readonly output: string
  readonly complaint: string
}

function simulate(...args: string[]): Promise<Run> {
  const child = spawn(process.execPath, [SCRIPT, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [output, complaint] = ['', '']
  child.stdout.on('data', (part) => {
    output += String(part)
  })
  child.stderr.on('data', (part) => {
    complaint += String(part)
  })
  return new Promise((done) => {
    child.on('close', (exitCode) => done({ exitCode, output, complaint }))
  })
}

/** `violations   0` -> `0`. */
function value({ output }: Run, name: string): string | undefined {
  return new RegExp(`^ +${name} +(\\S+)$`, 'm').exec(output)?.[1]
}

describe('20,000 orders with every fault', () => {
  it(
    'break no promise',
    async () => {
      const run = await simulate('--orders', '20000', '--seed', '2026')
      expect(run.output).toMatch(/^seed 2026\n/)
      expect(value(run, 'violations')).toBe('0')
      expect(run.exitCode).toBe(0)
    },
    PATIENCE_MS,
  )
})

describe('every mutant', () => {
  it(
    'is caught',
    async () => {
      const { output, exitCode } = await simulate('--mutants', '--seed', '1')
      expect(output).not.toMatch(/SURVIVED|ERROR: /)
      expect(exitCode).toBe(0)
    },
    PATIENCE_MS,
  )
})

describe('a seed', () => {
  it('is the same run, byte for byte', async () => {
    const [one, other] = await Promise.all([
      simulate('--orders', '150', '--seed', '7', '--trace'),
      simulate('--orders', '150', '--seed', '7', '--trace'),
    ])
    const traced = ({ output }: Run) => output.slice(0, output.indexOf('\norders\n'))
    expect(traced(one).length).toBeGreaterThan(100_000)
    expect(traced(other) === traced(one)).toBe(true)
  }, 60_000)

  it('other than that is another run', async () => {
    const [one, other] = await Promise.all([
      simulate('--orders', '60', '--seed', '7', '--digest'),
      simulate('--orders', '60', '--seed', '8', '--digest'),
    ])
    const digest = ({ output }: Run) => /^trace (\w+)$/m.exec(output)?.[1]
    expect(digest(one)).toHaveLength(64)
    expect(digest(other)).not.toBe(digest(one))
  }, 60_000)
})

describe('a broken promise', () => {
  const MUTANT = 'a-new-word-is-a-failure'

  it('ends with the trace of the order, the fewest faults and a command that replays it', async () => {
    const run = await simulate('--orders', '400', '--seed', '3', '--mutant', MUTANT)
    expect(run.exitCode).toBe(1)
    expect(run.output).toContain('VIOLATION')
    expect(run.output).toContain('PROVIDER ACCEPTS')
    const [, before, after] = /(\d+) faults shrunk to (\d+): .*new_word/.exec(run.output) ?? []
    expect(Number(after)).toBeLessThan(Number(before))
    expect(Number(after)).toBe(1)
    const command = /^replay: npm run simulate -- (.+)$/m.exec(run.output)?.[1] ?? ''
    const again = await simulate(...command.split(' '))
    expect(again.exitCode).toBe(1)
    const promise = ({ output }: Run) => /^VIOLATION .*: (.+)\n(.+)$/m.exec(output)?.slice(1)
    expect(promise(again)).toEqual(promise(run))
    expect(value(again, 'all')).toBeDefined()
  }, 60_000)
})

describe('the faults', () => {
  it('can be switched off: a calm world has none', async () => {
    const run = await simulate('--orders', '200', '--seed', '4', '--faults', 'none')
    expect(run.exitCode).toBe(0)
    expect(run.output).toMatch(/^faults\n {2}all +0$/m)
    expect(value(run, 'excused \\(see excused.ts\\)')).toBe('0')
  }, 60_000)

  it('are named one by one or in groups, and another word is refused', async () => {
    const run = await simulate('--orders', '200', '--seed', '4', '--faults', 'receiver,eviction')
    expect(run.exitCode).toBe(0)
    expect(run.output).toMatch(/^ {2}eviction +\d+$/m)
    expect(run.output).toMatch(/^ {2}receiver_5xx +\d+$/m)
    expect(run.output).not.toMatch(/^ {2}send_lost +\d+$/m)
    const refused = await simulate('--faults', 'gremlins')
    expect(refused.exitCode).toBe(2)
    expect(refused.complaint).toContain('"gremlins" is no fault')
  }, 60_000)
})
