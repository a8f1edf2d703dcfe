// What the commands about keys and credentials ask of the gateway.
import { UsageError } from './arguments.mjs'
import { readSecret } from './secret.mjs'
import { credentialText, keyTable, WITHIN_A_MINUTE } from './views.mjs'

/** @typedef {import('./arguments.mjs').Options} Options */
/** @typedef {import('./arguments.mjs').Outcome} Outcome */
/** @typedef {import('./gateway.mjs').Gateway} Gateway */
/** @typedef {import('zod').input<typeof import('../../src/api/contract').createKeyBody>} WantedKey */
/** @typedef {import('zod').input<typeof import('../../src/api/contract').changeKeyBody>} KeyChange */

/** What the API takes for a provider's access token; checked here so that a wrong one is not sent and quoted. */
const ACCESS_TOKEN = /^[\x21-\x7e]{1,200}$/

/** @param {Gateway} gateway @param {readonly string[]} operands @param {Options} options @returns {Promise<Outcome>} */
export async function createKey(
  gateway,
  [id],
  { environment = 'sandbox', name = '', scope, 'allow-ip': addresses },
) {
  /** @type {WantedKey} */
  const wanted = { environment, name, scope, allowed_ips: addresses }
  const made = await gateway.call('POST', `/admin/merchants/${id}/keys`, wanted)
  const note = `This is ${made.id}, ${made.environment}, ${made.scope}. It will not be shown again: keep it now.`
  return { result: made, text: made.key, note }
}

/** @param {Gateway} gateway @param {readonly string[]} operands @param {Options} options @returns {Promise<Outcome>} */
export async function changeKey(
  gateway,
  [id, key],
  { name, 'allow-ip': addresses, 'allow-any-ip': anyAddress },
) {
  const words = ['keys', 'change']
  if (addresses && anyAddress) throw new UsageError('Either --allow-ip or --allow-any-ip, not both.', words)
  const allowedIps = anyAddress ? [] : addresses
  if (name === undefined && allowedIps === undefined) throw new UsageError('What is to change?', words)
  return await patchKey(gateway, id, key, { name, allowed_ips: allowedIps })
}

/**
 * @param {Gateway} gateway
 * @param {string | undefined} id
 * @param {string | undefined} key
 * @param {KeyChange} change
 * @returns {Promise<Outcome>}
 */
export async function patchKey(gateway, id, key, change) {
  const changed = await gateway.call('PATCH', `/admin/merchants/${id}/keys/${key}`, change)
  return { result: changed, text: keyTable([changed]), note: WITHIN_A_MINUTE }
}

/** @param {Gateway} gateway @param {readonly string[]} operands @returns {Promise<Outcome>} */
export async function setCredential(gateway, [id]) {
  const accessToken = await readSecret("The provider's access token (it is not shown): ")
  if (!ACCESS_TOKEN.test(accessToken)) {
    const what =
      accessToken === '' ? 'nothing' : 'no access token (one line of at most 200 visible characters)'
    throw new UsageError(`There was ${what} on standard input.`, ['credential', 'set'])
  }
  const kept = await gateway.call('PUT', `/admin/merchants/${id}/credential`, { access_token: accessToken })
  return { result: kept, text: credentialText(kept), note: `His own account from now on. ${WITHIN_A_MINUTE}` }
}
