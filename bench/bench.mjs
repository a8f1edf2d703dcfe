#!/usr/bin/env node
// The gateway's routes, each beside the least that the same runtime does for such an answer. Asserts nothing.
import { writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { machine, machineInWords } from './figures.mjs'
import { growthTables, measureGrowth } from './growth.mjs'
import { measureRoutes } from './routes.mjs'
import { routesTable } from './table.mjs'

const HELP = `npm run bench -- [options]

  --rounds N        of each contender, in turn (default 7)
  --seconds N       of a round (default 2)
  --connections N   that ask without a pause (default 16)
  --orders N        that the merchant's book holds (default 100000)
  --growth          instead: what one more order costs at 1,000, 10,000 and 100,000 orders held, and a cold start
  --json FILE       keeps the figures
  --help            this text

The table is on standard output, progress on standard error. With the defaults it takes some five minutes.`

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '2' },
    connections: { type: 'string', default: '16' },
    orders: { type: 'string', default: '100000' },
    growth: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(HELP)
  process.exit(0)
}
const options = {
  rounds: count('rounds'),
  seconds: count('seconds'),
  connections: count('connections'),
  orders: count('orders'),
}

const at = new Date().toISOString()
const loadBefore = loadavg()[0] ?? Number.NaN
const figures = values.growth ? await measureGrowth(options) : await measureRoutes(options)
const load = { before: loadBefore, after: loadavg()[0] ?? Number.NaN }

console.log(`${at.slice(0, 16)} UTC. ${machineInWords()}`)
console.log(`Load of the machine: ${load.before.toFixed(1)} before, ${load.after.toFixed(1)} at the end\n`)
if ('rows' in figures) {
  console.log(routesTable(figures.rows, figures.ratios))
  for (const { name, firstError } of figures.rows)
    if (firstError !== null) console.log(`! ${name}: ${firstError}`)
} else console.log(growthTables(figures))
if (values.json !== undefined) {
  writeFileSync(
    values.json,
    `${JSON.stringify({ at, machine: machine(), load, options, ...figures }, null, 2)}\n`,
  )
}
process.exit(0)

/** @param {'rounds' | 'seconds' | 'connections' | 'orders'} name */
function count(name) {
  const number = Number(values[name])
  if (number > 0) return number
  console.error(`--${name} takes a number above 0\n\n${HELP}`)
  process.exit(1)
}
