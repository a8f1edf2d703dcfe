import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ASSET_VERSION } from '../../../src/console/assets'
import { PALETTE } from '../../../src/pages/style'

const DIRECTORY = 'public/console'
const files = readdirSync(DIRECTORY).filter((name) => /\.(?:css|js)$/.test(name))
const read = (name: string) => readFileSync(`${DIRECTORY}/${name}`, 'utf8')
const sheets = files.filter((name) => name.endsWith('.css')).map(read)

describe('the console’s files', () => {
  it('have an address that changes with them: put this into src/console/assets.ts', () => {
    const hash = createHash('sha256')
    for (const name of files.sort()) hash.update(`${name}\n${read(name)}\n`)
    expect(ASSET_VERSION).toBe(hash.digest('hex').slice(0, 8))
  })

  it.each(['light', 'dark'] as const)('have the colours of the customer’s page, %s', (scheme) => {
    const frame = read('frame.css')
    const dark = frame.indexOf('prefers-color-scheme')
    const part = scheme === 'light' ? frame.slice(0, dark) : frame.slice(dark)
    for (const [role, colour] of Object.entries(PALETTE[scheme])) {
      expect(part).toContain(`--${role}: ${colour};`)
    }
  })

  it('know no left or right but where a text has its own direction, and fetch nothing', () => {
    for (const sheet of sheets) {
      expect(sheet).not.toMatch(/(?:margin|padding|border)-(?:left|right)|[^-]left:|[^-]right:/)
      expect(sheet).not.toMatch(/url\(|@import/)
    }
    expect(read('console.js')).not.toMatch(/innerHTML|eval|https?:/)
  })
})
