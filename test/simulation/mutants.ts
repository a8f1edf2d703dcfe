/**
 * Bugs to plant, one at a time. Every one must be caught: a simulation that finds nothing proves something only if
 * it would have found these.
 */
import type { Mutant } from './mutant'
import { ABSENCE, SENDING } from './mutants-sending'
import { CALLBACKS, STATES, TIME } from './mutants-tracking'
import { BOOKS, LINE, SWEEP } from './mutants-wallet'

export const MUTANTS: readonly Mutant[] = [
  ...SENDING,
  ...ABSENCE,
  ...STATES,
  ...TIME,
  ...CALLBACKS,
  ...LINE,
  ...SWEEP,
  ...BOOKS,
]

/** By its name, or by a part that only one has. */
export function mutantNamed(name: string): Mutant {
  const wanted = name.replaceAll('-', ' ')
  const found = MUTANTS.filter((candidate) => slug(candidate.name).includes(slug(wanted)))
  const [only] = found
  if (only === undefined || found.length > 1)
    throw new Error(`no one mutant is called "${name}": --list-mutants`)
  return only
}

/** As it is given on a command line. */
export function slug(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '-')
}
