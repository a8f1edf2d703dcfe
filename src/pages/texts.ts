/** The words of the customer's page. Times and dates come into them already formatted. */
import { textsIn } from '../platform/assets'

export type StatusTexts = typeof import('../../public/texts/status/en.json')

/** What the page says about an order, in the customer's words. */
export type ShownState = keyof StatusTexts['states']

/** How far one step of the timeline is. */
export type StepMark = keyof StatusTexts['marks']

export const statusTextsOf = textsIn<StatusTexts>('/texts/status')
