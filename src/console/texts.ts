/** The words of the console: data beside the bundle, read once by each isolate and language. */
import type { Env } from '../env'
import type { Language } from '../pages/language'

/** English has every key; a test holds the others to it. */
export type Texts = typeof import('../../public/console/texts/en.json')

const read = new Map<Language, Texts>()

export async function textsOf(env: Env, language: Language): Promise<Texts> {
  const known = read.get(language)
  if (known !== undefined) return known
  const file = await env.ASSETS.fetch(`https://assets.invalid/console/texts/${language}.json`)
  const texts: Texts = await file.json()
  read.set(language, texts)
  return texts
}

/** `{name}` in a text. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

/** What a refusal means to who reads it. */
export function errorInWords({ errors: { codes } }: Texts, code: string): string {
  return word(codes, Object.hasOwn(codes, code) ? code : 'other')
}

/** A word that nobody has translated is shown as it is. */
export function word(words: Readonly<Record<string, string>>, key: string): string {
  return (Object.hasOwn(words, key) ? words[key] : undefined) ?? key
}
