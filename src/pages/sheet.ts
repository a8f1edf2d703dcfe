/** The customers' style sheet stands in the page itself: on a slow network a second request is a second wait. */
import { asset } from '../platform/assets'

export interface Sheet {
  readonly css: string
  /** As the page's policy names it: this text and no other is a style. */
  readonly source: string
}

export const sheetOf = asset('/static/status.css', async (file) => await sheetFrom(await file.text()))

export async function sheetFrom(css: string): Promise<Sheet> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(css)))
  return { css, source: `'sha256-${btoa(String.fromCharCode(...digest))}'` }
}
