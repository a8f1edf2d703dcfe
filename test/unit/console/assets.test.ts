import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ASSET_VERSION } from '../../../src/console/assets'

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

  it('have the colours of the customer’s page, light and dark', () => {
    const [light, dark] = colours(read('frame.css'))
    const [customersLight, customersDark] = colours(readFileSync('public/static/status.css', 'utf8'))
    expect(light).toMatchObject(customersLight ?? {})
    expect(dark).toMatchObject(customersDark ?? {})
    expect(Object.keys(customersDark ?? {})).toHaveLength(13)
  })

  it('know no left or right but where a text has its own direction, and fetch nothing', () => {
    for (const sheet of sheets) {
      expect(sheet).not.toMatch(/(?:margin|padding|border)-(?:left|right)|[^-]left:|[^-]right:/)
      expect(sheet).not.toMatch(/url\(|@import/)
    }
    expect(read('console.js')).not.toMatch(/innerHTML|eval|https?:/)
  })
})

/** By role, of each `:root` in the order of the sheet. */
function colours(sheet: string): Record<string, string>[] {
  return [...sheet.matchAll(/:root \{(.*?)\}/gs)].map(([, body = '']) =>
    Object.fromEntries(
      [...body.matchAll(/--([\w-]+): (#\w{6});/g)].map(([, role = '', colour = '']) => [role, colour]),
    ),
  )
}
