// What was typed, checked against the table of commands; and the help, made from the same table.
import { parseArgs } from 'node:util'

/**
 * One option. Without `value` it is a switch.
 * @typedef {{ value?: string, says: string, multiple?: true, required?: true, oneOf?: readonly string[] }} Option
 */
/**
 * As checked against the table: an option of another command is never there.
 * @typedef {{
 *   url?: string, json?: boolean, help?: boolean,
 *   name?: string, environment?: 'sandbox' | 'production', scope?: 'READ-WRITE' | 'READ-ONLY',
 *   'allow-ip'?: string[], 'allow-any-ip'?: boolean,
 *   'daily-amount'?: string, 'largest-amount'?: string,
 *   'repeat-minutes'?: string, 'repeat-action'?: 'warn' | 'block', 'operator-down'?: 'send' | 'refuse',
 *   'reads-per-minute'?: string, 'sends-per-minute'?: string,
 *   'low-balance'?: string, 'low-balance-hours'?: string, limit?: string,
 *   from?: string, to?: string, index?: 'sample' | 'all', state?: 'open' | 'closed', note?: string,
 * }} Options
 */
/**
 * `result` is the API's `data`, for --json; `text` says it to people; `note` is about it, never part of it.
 * @typedef {{ result: unknown, text: string, note: string }} Outcome
 */
/**
 * @typedef {{
 *   words: readonly [string, string], operands: readonly string[], says: string,
 *   options: Readonly<Record<string, Option>>,
 *   run: (gateway: import('./gateway.mjs').Gateway, operands: readonly string[], options: Options) => Promise<Outcome>,
 * }} Command
 */

/** @type {Readonly<Record<string, Option>>} */
const EVERYWHERE = {
  url: {
    value: 'URL',
    says: 'the gateway (default: RASID_URL in the environment, else http://localhost:8787)',
  },
  json: { says: 'print the data of the answer as JSON' },
  help: { says: 'this text' },
}

const ABOUT = `The operator's command line of a Rasid gateway.`
const ENVIRONMENT = `ADMIN_TOKEN in the environment is the operator's token; a gateway on this machine takes local-admin without it.
Results go to standard output, all else to standard error; npm's own two lines stay away with npm run --silent.
Exit codes: 0 done, 1 the gateway refused or did not answer, 2 wrong use.`

/** The command line is wrong: nothing was asked of the gateway. */
export class UsageError extends Error {
  /** @override */
  name = 'UsageError'

  /**
   * @param {string} message a whole sentence
   * @param {readonly string[]} [helpOf] the words whose help comes nearest
   */
  constructor(message, helpOf = []) {
    super(message)
    this.helpOf = helpOf
  }
}

/**
 * @param {readonly string[]} typed
 * @param {readonly Command[]} commands
 * @returns {{ kind: 'help', text: string }
 *   | { kind: 'run', command: Command, operands: readonly string[], options: Options }}
 */
export function readArguments(typed, commands) {
  const { positionals, values, tokens } = parse(typed, commands)
  const [group, verb, ...operands] = positionals
  const siblings = commands.filter(({ words }) => words[0] === group)
  const command = siblings.find(({ words }) => words[1] === verb)

  if (group !== undefined && siblings.length === 0) throw new UsageError(`There is no command '${group}'.`)
  if (group !== undefined && verb !== undefined && command === undefined)
    throw new UsageError(`There is no command '${group} ${verb}'.`, [group])
  if (values.help)
    return { kind: 'help', text: command ? helpOfOne(command) : helpOfMany(siblings, commands) }
  if (group === undefined) throw new UsageError('Which command?')
  if (command === undefined) throw new UsageError(`Which command of '${group}'?`, [group])

  checkOptions(command, tokens)
  checkOperands(command, operands)
  // The one place where checked text becomes typed: everything behind it relies on checkOptions.
  return { kind: 'run', command, operands, options: /** @type {Options} */ (values) }
}

/**
 * Lenient: which command it is must be known before its options can be checked. Options of all commands are
 * told to the parser, so that the value of one is not taken for a command.
 * @param {readonly string[]} typed
 * @param {readonly Command[]} commands
 */
function parse(typed, commands) {
  /** @type {Record<string, Option>} */
  const all = Object.assign({}, EVERYWHERE, ...commands.map(({ options }) => options))
  const options = Object.entries(all).map(([name, { value, multiple }]) => {
    const type = /** @type {'string' | 'boolean'} */ (value === undefined ? 'boolean' : 'string')
    return [name, { type, ...(multiple ? { multiple } : {}), ...(name === 'help' ? { short: 'h' } : {}) }]
  })
  return parseArgs({
    args: [...typed],
    options: Object.fromEntries(options),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
}

/**
 * Says names, never values: somebody may have typed a secret where it does not belong.
 * @param {Command} command
 * @param {readonly { kind: string, name?: string, rawName?: string, value?: string | undefined, inlineValue?: boolean | undefined }[]} tokens
 */
function checkOptions({ words, options }, tokens) {
  /** @type {Readonly<Record<string, Option>>} */
  const known = { ...EVERYWHERE, ...options }
  const given = tokens.filter(({ kind }) => kind === 'option')
  for (const { name = '', rawName, value, inlineValue } of given) {
    const option = Object.hasOwn(known, name) ? known[name] : undefined
    if (option === undefined) throw new UsageError(`'${words.join(' ')}' has no option ${rawName}.`, words)
    if (option.value === undefined) {
      if (value !== undefined) throw new UsageError(`${rawName} takes no value.`, words)
    } else if (value === undefined || (!inlineValue && value.startsWith('-'))) {
      const hint = value === undefined ? '' : `; one that begins with a dash is written ${rawName}=-…`
      throw new UsageError(`${rawName} needs a value${hint}.`, words)
    } else if (option.oneOf?.includes(value) === false) {
      throw new UsageError(`${rawName} is ${option.oneOf.join(' or ')}.`, words)
    }
  }
  for (const [name, { required }] of Object.entries(known)) {
    if (required && !given.some((token) => token.name === name))
      throw new UsageError(`'${words.join(' ')}' needs --${name}.`, words)
  }
}

/**
 * @param {Command} command
 * @param {readonly string[]} given
 */
function checkOperands({ words, operands }, given) {
  const title = `'${words.join(' ')}'`
  const missing = operands[given.length]
  if (missing !== undefined) throw new UsageError(`${title} needs ${missing}.`, words)
  if (given.length > operands.length) {
    const all = operands.length === 0 ? 'nothing after it' : `only ${operands.join(' and ')}`
    const hint = operands.includes('NAME') ? '; a name with spaces goes in quotes' : ''
    throw new UsageError(`${title} takes ${all}${hint}.`, words)
  }
  for (const [at, operand] of operands.entries()) {
    const value = given[at] ?? ''
    if (operand === 'NAME') continue
    if (operand === 'WALLET') {
      if (!/^(operator|(own|sandbox):[\w-]+)$/.test(value))
        throw new UsageError('WALLET is operator, own:ID or sandbox:ID.', words)
      continue
    }
    if (operand === 'FINDING') {
      if (!/^[\w.:-]+$/.test(value))
        throw new UsageError('FINDING is the id of one: see wallets findings.', words)
      continue
    }
    // They become part of a path, where an empty one, from an unset variable, would mean something else.
    if (!/^[\w-]+$/.test(value)) throw new UsageError(`${operand} is letters, digits, _ and - only.`, words)
    if (value.startsWith('rsd_'))
      throw new UsageError(`${operand} is an id, never a key itself: see 'merchants show'.`, words)
  }
}

/** @param {Command} command */
function helpOfOne({ words, operands, says, options }) {
  const usage = ['npm run admin --', ...words, ...operands, '[options]'].join(' ')
  const own = Object.keys(options).length === 0 ? '' : `\n${optionLines(options)}\n`
  return `${usage}\n\n${says[0]?.toUpperCase()}${says.slice(1)}\n${own}\n${optionLines(EVERYWHERE)}\n\n${ENVIRONMENT}`
}

/**
 * @param {readonly Command[]} siblings of one group, or none for all
 * @param {readonly Command[]} commands
 */
function helpOfMany(siblings, commands) {
  const shown = siblings.length === 0 ? commands : siblings
  const lines = shown.map(({ words, operands, says }) => {
    return `${['', ...words, ...operands].join(' ').padEnd(30)}  ${says.split('\n')[0]}`
  })
  const about = `${ABOUT} Options of a command: npm run admin -- <command> --help`
  return `npm run admin -- <command>\n\n${about}\n\n ${lines.join('\n ')}\n\n${optionLines(EVERYWHERE)}\n\n${ENVIRONMENT}`
}

/** @param {Readonly<Record<string, Option>>} options */
function optionLines(options) {
  const lines = Object.entries(options).map(([name, { value, says, multiple, required }]) => {
    const title = `--${name}${value === undefined ? '' : ` ${value}`}`
    const more = [...(required ? ['needed'] : []), ...(multiple ? ['may be given several times'] : [])]
    return [title, more.length === 0 ? says : `${says} (${more.join('; ')})`]
  })
  const width = Math.max(...lines.map(([title = '']) => title.length))
  return lines.map(([title = '', says]) => `  ${title.padEnd(width)}  ${says}`).join('\n')
}
