import type { Planted } from './loader'

/** A bug that somebody could have written. */
export interface Mutant extends Planted {
  readonly name: string
}

/** `find` is in the source exactly once. */
export function mutant(name: string, file: string, find: string, put: string): Mutant {
  return { name, file, find, put }
}
