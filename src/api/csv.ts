/** Lists as CSV (RFC 4180) for those who ask for it: every row in one stream, page by page as the reader takes it. */
import type { Context } from 'hono'

type CsvValue = string | number | boolean | null | undefined

/** What has a value for each column, whatever it has besides. */
export type CsvRow<Column extends string> = { readonly [name in Column]?: CsvValue }

export interface CsvPage<Column extends string, Place> {
  readonly items: readonly CsvRow<Column>[]
  readonly next: Place | null
}

type Pages<Column extends string, Place> = (before: Place | null) => Promise<CsvPage<Column, Place>>

export function wantsCsv(c: Context): boolean {
  return c.req.header('Accept')?.includes('text/csv') ?? false
}

/** The JSON of a list that can be had as CSV too. */
export function byAccept(response: Response): Response {
  response.headers.set('Vary', 'Accept')
  return response
}

export function csvResponse<Column extends string, Place>(
  c: Context,
  name: string,
  columns: readonly Column[],
  before: Place | null,
  page: Pages<Column, Place>,
): Response {
  return new Response(csvOf(columns, before, page), {
    headers: {
      'Content-Type': 'text/csv; charset=utf-8; header=present',
      'Content-Disposition': `attachment; filename="${name}.csv"`,
      'Cache-Control': 'private, no-store',
      Vary: 'Accept',
      'X-Content-Type-Options': 'nosniff',
      'X-Request-Id': c.get('requestId'),
    },
  })
}

/** Errors in the middle end the stream as broken, so that nobody takes a part for the whole. */
export function csvOf<Column extends string, Place>(
  columns: readonly Column[],
  before: Place | null,
  page: Pages<Column, Place>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let place: Place | null = before
  let isFirst = true
  return new ReadableStream({
    async pull(controller) {
      let text = isFirst ? `${columns.join(',')}\r\n` : ''
      isFirst = false
      do {
        const { items, next } = await page(place)
        text += items.map((row) => csvLine(columns, row)).join('')
        place = next
        // A pull that brings nothing is never repeated, and a page may be empty before the end.
      } while (text === '' && place !== null)
      if (text !== '') controller.enqueue(encoder.encode(text))
      if (place === null) controller.close()
    },
  })
}

export function csvLine<Column extends string>(columns: readonly Column[], row: CsvRow<Column>): string {
  return `${columns.map((column) => csvField(row[column])).join(',')}\r\n`
}

/** A text that a spreadsheet would run as a formula is kept a text by an apostrophe. */
function csvField(value: CsvValue): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'string' ? value.replace(/^[=+\-@\t\r]/, "'$&") : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
