/** What happened, line by line, in virtual time. Costs nothing while nobody listens: texts are made on demand. */
import type { Kernel } from './kernel'
import { MERCHANTS, WORLD } from './platform'

export interface Line {
  readonly key: number
  readonly text: string
}

/** `key`: the order it is about, or the world, or a merchant. */
export type Trace = (key: number, text: () => string) => void

export const SILENT: Trace = () => undefined

export function traceInto(lines: Line[], kernel: Kernel): Trace {
  const startedAt = kernel.now
  return (key, text) => {
    const clock = ((kernel.now - startedAt) / 1_000).toFixed(3).padStart(11, ' ')
    lines.push({ key, text: `${clock} s  ${nameOfKey(key).padEnd(10)}  ${text()}` })
  }
}

/** Everything that an order may have felt: its own lines, and those of the world and its merchants. */
export function linesOf(lines: readonly Line[], key: number): string[] {
  return lines.filter((line) => line.key === key || line.key >= WORLD).map(({ text }) => text)
}

function nameOfKey(key: number): string {
  if (key === WORLD) return 'world'
  return key >= MERCHANTS ? `merchant ${key - MERCHANTS + 1}` : `order ${key}`
}
