/** Where a reader of the events feed stands, as he is given it. Pure. */
import type { Environment } from '../order/state'

const FORM = /^evc_([a-z0-9]+)_([sp])_([0-9a-z]{1,11})$/
const LETTERS = { sandbox: 's', production: 'p' } as const

/** Names its feed: in another one it would skip events in silence. */
export function writeEventCursor(merchantId: string, environment: Environment, position: number): string {
  return `evc_${merchantId}_${LETTERS[environment]}_${position.toString(36)}`
}

/** Null for what was never given out for this feed. */
export function readEventCursor(merchantId: string, environment: Environment, cursor: string): number | null {
  const [, owner, letter, digits = ''] = FORM.exec(cursor) ?? []
  const position = Number.parseInt(digits, 36)
  const isOurs = owner === merchantId && letter === LETTERS[environment]
  return isOurs && Number.isSafeInteger(position) ? position : null
}
