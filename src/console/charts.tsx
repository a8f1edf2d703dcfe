/**
 * Bars over time. The drawing has no text in it, so that Arabic turns it round as a whole: time runs with the reading.
 * What it shows is a table too, for everybody.
 */
import type { Reader } from './reader'

export interface Series {
  readonly name: string
  readonly tone: 'good' | 'back' | 'wait'
  /** One for each bucket; null where there is nothing to show. */
  readonly values: readonly (number | null)[]
}

interface ChartProps {
  readonly reader: Reader
  readonly title: string
  /** What the drawing says, in a sentence. */
  readonly summary: string
  /** When each bucket begins, as it is read. */
  readonly times: readonly string[]
  readonly series: readonly Series[]
  readonly format: (value: number) => string
}

const HEIGHT = 120
const STEP = 20
const BAR = 14

export function Chart({ reader, title, summary, times, series, format }: ChartProps) {
  const { texts } = reader
  const top = Math.max(...times.map((_, index) => sumAt(series, index)))
  const [first, last] = [times[0] ?? '', times.at(-1) ?? '']
  return (
    <figure class="card chart">
      <figcaption>
        <h2>{title}</h2>
        {series.length > 1 && <Legend series={series} />}
      </figcaption>
      {top === 0 ? (
        <p class="soft">{texts.home.nothing}</p>
      ) : (
        <>
          <p class="top soft">{format(top)}</p>
          <Bars summary={summary} times={times} series={series} top={top} format={format} />
          <p class="axis soft">
            <span>{first}</span>
            <span>{times[Math.floor(times.length / 2)]}</span>
            <span>{last}</span>
          </p>
          <details>
            <summary>{texts.home.asTable}</summary>
            <Numbers caption={title} reader={reader} times={times} series={series} format={format} />
          </details>
        </>
      )}
    </figure>
  )
}

/** Axis included: a chart whose bars do not begin at nothing lies. */
function Bars({
  summary,
  times,
  series,
  top,
  format,
}: Omit<ChartProps, 'reader' | 'title'> & { top: number }) {
  return (
    <svg
      role="img"
      aria-label={summary}
      viewBox={`0 0 ${times.length * STEP} ${HEIGHT}`}
      preserveAspectRatio="none"
      class="turns"
    >
      {times.map((time, index) => {
        const told = series.map(({ name, values }) => `${name}: ${shown(values[index], format)}`).join(' · ')
        return (
          <g>
            <title>{`${time} · ${told}`}</title>
            <rect class="ground" x={index * STEP} y="0" width={STEP} height={HEIGHT} />
            {stacked(series, index, top).map(({ tone, y, height }) => (
              <rect class={tone} x={index * STEP + (STEP - BAR) / 2} y={y} width={BAR} height={height} />
            ))}
          </g>
        )
      })}
    </svg>
  )
}

/** From the ground up; what is there is at least a line. */
export function stacked(series: readonly Series[], index: number, top: number) {
  let y = HEIGHT
  return series.flatMap(({ tone, values }) => {
    const value = values[index] ?? 0
    if (value <= 0) return []
    const height = Math.max(2, Math.round((value / top) * HEIGHT))
    y -= height
    return [{ tone, y: Math.max(0, y), height }]
  })
}

function Legend({ series }: { readonly series: readonly Series[] }) {
  return (
    <ul class="legend">
      {series.map(({ name, tone }) => (
        <li>
          <span class={`dot ${tone}`} aria-hidden="true" />
          {name}
        </li>
      ))}
    </ul>
  )
}

function Numbers(props: Omit<ChartProps, 'title' | 'summary'> & { readonly caption: string }) {
  const { caption, reader, times, series, format } = props
  return (
    <section class="scroll" tabindex={0} aria-label={caption}>
      <table>
        <thead>
          <tr>
            <th scope="col">{reader.texts.home.from}</th>
            {series.map(({ name }) => (
              <th scope="col">{name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times.map((time, index) => (
            <tr>
              <th scope="row">{time}</th>
              {series.map(({ values }) => (
                <td>{shown(values[index], format)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function shown(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? '–' : format(value)
}

function sumAt(series: readonly Series[], index: number): number {
  return series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0)
}
