#!/usr/bin/env node
// The operator's command line: merchants, their keys, limits and provider credentials, through the admin API.
import { readArguments, UsageError } from './admin/arguments.mjs'
import { COMMANDS } from './admin/commands.mjs'
import { CallFailed, DEFAULT_URL, openGateway } from './admin/gateway.mjs'
import { Interrupted } from './admin/secret.mjs'

const FAILED = 1
const WRONG_USE = 2
/** What a shell says of a program ended by Ctrl-C. */
const INTERRUPTED = 130

// `| head` stops reading before we stop writing: no fault of ours.
process.stdout.on('error', (error) => {
  if (!('code' in error && error.code === 'EPIPE')) throw error
})

// The exit code is set, not exited with: on a pipe, what is still being written would be lost.
process.exitCode = await main()

async function main() {
  try {
    const wanted = readArguments(process.argv.slice(2), COMMANDS)
    if (wanted.kind === 'help') {
      console.log(wanted.text)
      return 0
    }
    const { command, operands, options } = wanted
    const gateway = openGateway(
      options.url ?? (process.env.RASID_URL || DEFAULT_URL),
      process.env.ADMIN_TOKEN,
    )
    const { result, text, note } = await command.run(gateway, operands, options)
    // Results on stdout, everything else on stderr: what is piped is the result alone.
    if (options.json) console.log(JSON.stringify(result, null, 2))
    else if (text !== '') console.log(text)
    if (note !== '') console.error(note)
    return 0
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message} See: npm run admin -- ${error.helpOf.concat('--help').join(' ')}`)
      return WRONG_USE
    }
    if (error instanceof CallFailed) {
      console.error(error.message)
      return FAILED
    }
    if (error instanceof Interrupted) {
      console.error('Stopped; nothing was changed.')
      return INTERRUPTED
    }
    throw error
  }
}
