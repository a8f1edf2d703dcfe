/** The languages of the pages, in the order the switch shows them. */
export const LANGUAGES = ['ar', 'fr', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

/** Each in its own words, as the switch shows it. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  ar: 'العربية',
  fr: 'Français',
  en: 'English',
}
export type Direction = 'ltr' | 'rtl'

/**
 * For a reader who asks for none of our languages, or sends no preference (link previews of messengers).
 * Arabic, not French: it is Algeria's official language and that of its schools, and the provider's own
 * messages to customers are written in it. Phones set to French say so in Accept-Language and get French.
 */
const DEFAULT_LANGUAGE: Language = 'ar'

const DIRECTION: Record<Language, Direction> = { ar: 'rtl', fr: 'ltr', en: 'ltr' }

// RFC 9110, section 12.4.2: 0 to 1 with at most three decimals.
const QUALITY = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/
// The header is the caller's to choose; a browser's has a handful of entries.
const MAX_RANGES = 32

export function directionOf(language: Language): Direction {
  return DIRECTION[language]
}

/**
 * The reader's explicit choice (`lang`), else the best of Accept-Language, else the default. Regions are
 * ignored (`fr-DZ` is French), `q=0` excludes, and `*` says nothing more than the default does.
 */
export function pickLanguage(lang: string | null, acceptLanguage: string | null): Language {
  const chosen = lang === null ? null : languageOf(lang)
  if (chosen !== null) return chosen

  const quality = qualities(acceptLanguage ?? '')
  const wanted = [...quality].filter(([, q]) => q > 0).sort(([, a], [, b]) => b - a)
  const best = wanted[0]
  if (best) return best[0]
  if (quality.get(DEFAULT_LANGUAGE) !== 0) return DEFAULT_LANGUAGE
  return LANGUAGES.find((language) => quality.get(language) !== 0) ?? DEFAULT_LANGUAGE
}

/** The highest quality named for each of our languages; the first named comes first among equals. */
function qualities(header: string): Map<Language, number> {
  const found = new Map<Language, number>()
  for (const range of header.split(',').slice(0, MAX_RANGES)) {
    const [tag = '', ...parameters] = range.split(';')
    const language = languageOf(tag)
    const q = qualityOf(parameters)
    if (language === null || q === null) continue
    found.set(language, Math.max(q, found.get(language) ?? 0))
  }
  return found
}

/** 1 when none is given, null when what is given is not a quality: such an entry is passed over. */
function qualityOf(parameters: readonly string[]): number | null {
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=')
    if (name.trim().toLowerCase() !== 'q') continue
    return QUALITY.test(value.trim()) ? Number(value.trim()) : null
  }
  return 1
}

function languageOf(tag: string): Language | null {
  const primary = tag.trim().toLowerCase().split('-')[0]
  return LANGUAGES.find((language) => language === primary) ?? null
}
