#!/usr/bin/env node
// The gateway's own source in virtual time: see test/simulation. Its parts are loaded here, since the source needs a
// loader of its own before anything imports it.
import { loadSource, plant } from '../test/simulation/loader.ts'

// Node calls type stripping and SQLite experimental at every start; whoever reads the table need not know.
process.removeAllListeners('warning')
loadSource()
const { HELP, readOptions } = await import('../test/simulation/options.ts')

process.exitCode = await main()

async function main() {
  const options = optionsOrComplaint()
  if (options === null) return 2
  if (options.task === 'help') {
    console.log(HELP)
    return 0
  }
  if (options.task === 'list-faults') {
    const { listFaults } = await import('../test/simulation/report.ts')
    listFaults()
    return 0
  }
  if (options.task === 'load') {
    const { simulateLoads } = await import('../test/simulation/load.ts')
    return await simulateLoads(options.seed)
  }
  if (options.task === 'audit') {
    const { simulateAudit } = await import('../test/simulation/audit-cli.ts')
    return await simulateAudit(options)
  }
  const { mutantNamed, MUTANTS } = await import('../test/simulation/mutants.ts')
  if (options.task === 'list-mutants') {
    for (const { name } of MUTANTS) console.log(name)
    return 0
  }
  if (options.task === 'mutants') {
    const { runMutants } = await import('../test/simulation/mutant-runs.ts')
    return await runMutants(options)
  }
  if (options.mutant !== null) plant(mutantNamed(options.mutant))
  const { simulate } = await import('../test/simulation/cli.ts')
  return await simulate(options)
}

function optionsOrComplaint() {
  try {
    return readOptions(process.argv.slice(2))
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return null
  }
}
