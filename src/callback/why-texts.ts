/** Read where an answer is made, never in an object: a delivery must not wait for its words. */
import { type Assets, textsIn } from '../platform/assets'
import type { WhyTexts } from './why'

const textsOf = textsIn<WhyTexts['en']>('/texts/why')

export async function whyTextsOf(env: Assets): Promise<WhyTexts> {
  const [en, fr, ar] = await Promise.all([textsOf(env, 'en'), textsOf(env, 'fr'), textsOf(env, 'ar')])
  return { en, fr, ar }
}
