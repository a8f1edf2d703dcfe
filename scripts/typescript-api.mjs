// The compiler API that TypeScript 7 no longer has, in the place of `typescript`: see generate-client.mjs.
import { ts } from '@ts-morph/common'

export default ts
