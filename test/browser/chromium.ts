import type { Browser } from 'playwright-core'
import { atEnd } from '../system/cleanup'
import { launch } from './launch'

/** Closed after the test file. */
export async function launchBrowser(): Promise<Browser> {
  const browser = await launch()
  atEnd(() => browser.close())
  return browser
}
