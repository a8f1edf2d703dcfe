#!/usr/bin/env node
// Writes the API document that the gateway serves as /openapi.json. Run it through npm: it needs Node 24.
import { readFileSync, writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

const HELP = `npm run openapi -- [options]

Writes public/openapi.json from the schemas in src/api/contract.ts and src/openapi/, and from the
answers recorded in src/openapi/examples.json.

  --check   write nothing; say whether the file is up to date
  --help    this text

To record the examples anew from a running gateway:

  RECORD_EXAMPLES=1 npm test -- --project system test/system/openapi.test.ts`

const { values: options } = parseArgs({
  options: { check: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
})
if (options.help) {
  console.log(HELP)
  process.exit(0)
}

// Sources import each other without the ending, as the bundler allows; Node does not.
registerHooks({
  resolve(name, context, next) {
    try {
      return next(name, context)
    } catch (error) {
      if (!/^\.{1,2}\//.test(name)) throw error
      return next(`${name}.ts`, context)
    }
  },
})
const { buildDocument } = await import('../src/openapi/document.ts')

const root = resolve(import.meta.dirname, '..')
const path = resolve(root, 'public/openapi.json')
/** @param {string} file */
const read = (file) => JSON.parse(readFileSync(resolve(root, file), 'utf8'))
const document = buildDocument(read('src/openapi/examples.json'), read('package.json').version)
const text = `${JSON.stringify(document, null, 2)}\n`

if (!options.check) writeFileSync(path, text)
else if (readFileSync(path, 'utf8') !== text) {
  console.error('public/openapi.json is not what the schemas say: run `npm run openapi` and commit it.')
  process.exit(1)
}
