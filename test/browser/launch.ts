import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

/**
 * A headless browser. On Linux x64 it comes in an npm package, so that a bare machine needs nothing installed;
 * elsewhere it is the installed Chrome.
 */
export async function launch(): Promise<Browser> {
  const packaged = process.platform === 'linux' && process.arch === 'x64'
  return packaged ? await launchPackaged() : await chromium.launch({ channel: 'chrome' })
}

async function launchPackaged(): Promise<Browser> {
  // Both are read when the package is imported. The first makes it unpack the system libraries Chromium needs.
  process.env.AWS_LAMBDA_JS_RUNTIME = 'nodejs22.x'
  process.env.FONTCONFIG_FILE ??= fontList()
  const { default: packaged } = await import('@sparticuz/chromium')
  packaged.setGraphicsMode = false
  return await chromium.launch({
    executablePath: await packaged.executablePath(),
    // The package's own list also turns web security and process isolation off: a browser nobody has.
    args: ['--no-sandbox', '--no-zygote', '--disable-gpu', '--font-render-hinting=none'],
  })
}

/** The package brings one Latin font. The machine's own, where it has some, let a screenshot show Arabic. */
function fontList(): string {
  // One place for all runs: reading hundreds of fonts takes seconds, reading the cache does not.
  const directory = join(tmpdir(), `rasid-fonts-${userInfo().uid}`)
  mkdirSync(directory, { recursive: true })
  const file = join(directory, 'fonts.conf')
  const places = [join(tmpdir(), 'fonts'), '/usr/share/fonts', '/usr/local/share/fonts']
  writeFileSync(
    file,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${places
      .map((place) => `<dir>${place}</dir>`)
      .join('')}<cachedir>${directory}</cachedir></fontconfig>`,
  )
  return file
}
