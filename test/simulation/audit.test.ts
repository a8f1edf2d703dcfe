/** The audit's simulation, as a developer runs it. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const SCRIPT = fileURLToPath(new URL('../../scripts/simulate.mjs', import.meta.url).href)

function simulate(...args: string[]): Promise<{ readonly exitCode: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [SCRIPT, '--audit', ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  let output = ''
  child.stdout.on('data', (part) => {
    output += String(part)
  })
  return new Promise((done) => {
    child.on('close', (exitCode) => done({ exitCode, output }))
  })
}

/** `false alarms   0` -> `0`. */
function value(output: string, name: string): string | undefined {
  return new RegExp(`^ +${name} +(\\S+)`, 'm').exec(output)?.[1]
}

it('20,000 orders: every foreign spend is told within a minute, and nothing else', async () => {
  const { exitCode, output } = await simulate('--orders', '20000', '--seed', '2026')
  expect(output).toMatch(/^seed 2026\n/)
  expect(value(output, 'false alarms')).toBe('0')
  expect(value(output, 'violations')).toBe('0')
  expect(Number(value(output, 'foreign spends planted'))).toBeGreaterThan(100)
  expect(value(output, 'foreign spends found')).toBe(value(output, 'foreign spends planted'))
  expect(Number(value(output, 'worst time to detection'))).toBeLessThanOrEqual(60)
  expect(exitCode).toBe(0)
})

it('a seed is the same run', async () => {
  const [one, other] = await Promise.all([
    simulate('--orders', '1500', '--seed', '5'),
    simulate('--orders', '1500', '--seed', '5'),
  ])
  const untimed = ({ output }: { output: string }) =>
    output.replace(/^ +(real time|orders per second) .*$/gmu, '')
  expect(untimed(other)).toBe(untimed(one))
}, 60_000)
