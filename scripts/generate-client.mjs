#!/usr/bin/env node
// A TypeScript client from the API document: node scripts/generate-client.mjs openapi.json DIR
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

const [source, path] = process.argv.slice(2)
if (source === undefined || path === undefined) {
  console.error('Give the document and a directory: node scripts/generate-client.mjs openapi.json DIR')
  process.exit(1)
}

// TypeScript 7 has no compiler API for the generator to print with: it gets the last one that has.
const COMPILER_API = new URL('typescript-api.mjs', import.meta.url).href
registerHooks({
  resolve: (name, context, next) =>
    name === 'typescript' ? { url: COMPILER_API, shortCircuit: true } : next(name, context),
})
const { createClient } = await import('@hey-api/openapi-ts')

await createClient({
  // The document itself: a file that is not there would pass in silence.
  input: JSON.parse(readFileSync(source, 'utf8')),
  output: { path, clean: true },
  logs: { level: 'silent', file: false },
  plugins: ['@hey-api/typescript', '@hey-api/sdk', '@hey-api/client-fetch'],
})
