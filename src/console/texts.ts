/** The words of the console. */
import { textsIn } from '../platform/assets'

export { fill, word } from '../platform/words'

export type Texts = typeof import('../../public/console/texts/en.json')

export const textsOf = textsIn<Texts>('/console/texts')
