/** What every customer page wears: a language, the words of it, and the sheet. */
import type { Assets } from '../platform/assets'
import { type Language, pickLanguage } from './language'
import { type Sheet, sheetOf } from './sheet'
import { type StatusTexts, statusTextsOf } from './texts'

export interface Dress {
  readonly language: Language
  readonly texts: StatusTexts
  readonly sheet: Sheet
}

export async function dressFor(request: Request, env: Assets): Promise<Dress> {
  const chosen = new URL(request.url).searchParams.get('lang')
  const language = pickLanguage(chosen, request.headers.get('Accept-Language'))
  const [texts, sheet] = await Promise.all([statusTextsOf(env, language), sheetOf(env)])
  return { language, texts, sheet }
}
