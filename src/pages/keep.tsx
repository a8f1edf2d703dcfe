import { qrCode } from './qr'
import type { StatusTexts } from './texts'

/** Light modules that a reader needs around the code. */
const QUIET_MODULES = 4

interface KeepProps {
  readonly link: string
  readonly texts: StatusTexts
}

/** For the customer who has the page on another's phone, or on paper: the code of its own link, and a button to print. */
export function Keep({ link, texts }: KeepProps) {
  const code = qrCode(link)
  return (
    <aside class="keep">
      {code !== null && <Code code={code} />}
      <div>
        <h2>{texts.keep.heading}</h2>
        {code !== null && <p>{texts.keep.scan}</p>}
        {/* Without its script it could do nothing. */}
        <button type="button" hidden>
          {texts.keep.print}
        </button>
      </div>
    </aside>
  )
}

/** Black on white in every scheme: not all readers know the reverse. One stroke a run of dark modules. */
function Code({ code }: { readonly code: readonly (readonly boolean[])[] }) {
  const size = code.length + 2 * QUIET_MODULES
  const strokes = code.flatMap((row, y) =>
    [
      ...row
        .map((isDark) => (isDark ? '1' : '0'))
        .join('')
        .matchAll(/1+/g),
    ].map(({ 0: run, index }) => `M${index + QUIET_MODULES} ${y + QUIET_MODULES}.5h${run.length}`),
  )
  return (
    <svg class="code" aria-hidden="true" viewBox={`0 0 ${size} ${size}`} shape-rendering="crispEdges">
      <path fill="#fff" d={`M0 0h${size}v${size}H0z`} />
      <path stroke="#000" d={strokes.join('')} />
    </svg>
  )
}
