/** Files of `public/` that are the gateway's own data: beside the bundle, read once by each isolate. */
import type { Env } from '../env'
import type { Language } from '../pages/language'

/** As much of the binding as is used. */
export interface Assets {
  readonly ASSETS: Pick<Env['ASSETS'], 'fetch'>
}

/** `toValue` makes of the file what is kept. */
export function asset<T extends object>(
  path: string,
  toValue: (file: Response) => Promise<T>,
): (env: Assets) => Promise<T> {
  let known: T | null = null
  return async (env) => {
    if (known === null) {
      const file = await env.ASSETS.fetch(`https://assets.invalid${path}`)
      if (!file.ok) throw new Error(`${path} cannot be read: ${file.status}`)
      known = await toValue(file)
    }
    return known
  }
}

/** Words, a file for each language. English has every key; a test holds the others to it. */
export function textsIn<T extends object>(
  directory: string,
): (env: Assets, language: Language) => Promise<T> {
  const texts = (language: Language) => asset<T>(`${directory}/${language}.json`, (file) => file.json())
  const all: Readonly<Record<Language, (env: Assets) => Promise<T>>> = {
    ar: texts('ar'),
    fr: texts('fr'),
    en: texts('en'),
  }
  return async (env, language) => await all[language](env)
}
