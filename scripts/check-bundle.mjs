#!/usr/bin/env node
// Builds what a deployment would upload into dist/ and limits its size.
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { bundle } from './bundle.mjs'

/** What is loaded on a cold start; the target is 150. Far below the platform's limit: a jump means a wrong import. */
const LIMIT_KB = 177

const root = resolve(import.meta.dirname, '..')
const dist = resolve(root, 'dist')
try {
  await bundle(root, dist)
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exit(1)
}

const modules = readdirSync(dist).filter((name) => !name.endsWith('.map') && name !== 'README.md')
const kilobytes =
  modules.reduce((sum, name) => sum + gzipSync(readFileSync(resolve(dist, name))).length, 0) / 1024
console.log(`Bundle: ${kilobytes.toFixed(1)} KB gzip of ${LIMIT_KB} KB allowed`)
if (modules.length === 0 || kilobytes > LIMIT_KB) process.exit(1)
