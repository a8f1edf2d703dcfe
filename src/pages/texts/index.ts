import type { Language } from '../language'
import { ar } from './ar'
import { en } from './en'
import { fr } from './fr'
import type { StatusTexts } from './status-texts'

export type { ShownState, StatusTexts, StepMark } from './status-texts'

export const STATUS_TEXTS: Readonly<Record<Language, StatusTexts>> = { ar, fr, en }

/** Each language in its own words, as the switch shows it. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  ar: 'العربية',
  fr: 'Français',
  en: 'English',
}
