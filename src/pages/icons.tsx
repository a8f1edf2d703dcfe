import type { StepMark } from './texts'

export type SignName = 'clock' | 'tick' | 'return' | 'question'

const SIGN_PATHS: Record<SignName, string> = {
  clock: 'M24 14v10l7 4',
  tick: 'm15 25 6.5 6.5L34 18',
  return: 'M20 15l-6 6 6 6M15 21h13a5.5 5.5 0 0 1 0 11h-5',
  question: 'M18.5 19a5.5 5.5 0 1 1 8.4 4.7c-2 1.2-2.9 2.2-2.9 4.6M24 33.2v.1',
}

/** `later` is an empty ring. */
const MARK_PATHS: Record<StepMark, string> = {
  done: 'm8 12.3 2.8 2.8L16 9.5',
  now: 'M12 12v.01',
  later: '',
  doubt: 'M9.7 10a2.4 2.4 0 1 1 3.6 2c-.9.6-1.3 1-1.3 2M12 16.4v.1',
  failed: 'm9 9 6 6m0-6-6 6',
}

/** Drawn the other way round in Arabic: an arrow back, and the question mark (؟). Clock and tick are not. */
const TURNS: ReadonlySet<SignName | StepMark> = new Set(['return', 'question', 'doubt'])

const LINE = {
  fill: 'none',
  stroke: 'currentColor',
  'stroke-linecap': 'round',
  'stroke-linejoin': 'round',
} as const

const DOT_WIDTH = '7'

/** The big drawing above the heading, which says the same in words. */
export function Sign({ name }: { readonly name: SignName }) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 48 48"
      {...LINE}
      stroke-width="3"
      class={TURNS.has(name) ? 'sign turns' : 'sign'}
    >
      <circle cx="24" cy="24" r="21" />
      <path d={SIGN_PATHS[name]} />
    </svg>
  )
}

export function Mark({ mark }: { readonly mark: StepMark }) {
  const dot = mark === 'now' ? { 'stroke-width': DOT_WIDTH, class: 'moves' } : {}
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 24 24"
      {...LINE}
      stroke-width="1.75"
      {...(TURNS.has(mark) ? { class: 'turns' } : {})}
    >
      <circle cx="12" cy="12" r="9" />
      {MARK_PATHS[mark] && <path d={MARK_PATHS[mark]} {...dot} />}
    </svg>
  )
}
