// What every bench says of its figures and of the machine they were seen on.
import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus } from 'node:os'
import { resolve } from 'node:path'

const WORKERD = resolve(import.meta.dirname, '../node_modules/.bin/workerd')

/** Figures of two machines are not compared without it. */
export function machine() {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown processor',
    node: process.version,
    workerd: spawnSync(WORKERD, ['--version'], { encoding: 'utf8' }).stdout.trim(),
  }
}

export function machineInWords() {
  const { cores, processor, node, workerd } = machine()
  return `Machine: ${cores} × ${processor}, Node ${node}, ${workerd}`
}

/**
 * The value that this share of them does not exceed; NaN of none.
 * @param {readonly number[]} values
 * @param {number} share
 */
export function at(values, share) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
