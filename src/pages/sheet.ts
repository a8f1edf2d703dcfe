/**
 * The customers' style sheet stands in the page itself: on a slow network a second request is a second wait. It is data
 * beside the bundle, read once by each isolate.
 */
import type { Env } from '../env'

export interface Sheet {
  readonly css: string
  /** As the page's policy names it: this text and no other is a style. */
  readonly source: string
}

let read: Sheet | null = null

export async function sheetOf(env: Env): Promise<Sheet> {
  if (read === null) {
    const file = await env.ASSETS.fetch('https://assets.invalid/static/status.css')
    read = await sheetFrom(await file.text())
  }
  return read
}

export async function sheetFrom(css: string): Promise<Sheet> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(css)))
  return { css, source: `'sha256-${btoa(String.fromCharCode(...digest))}'` }
}
