/** The provider account behind a wallet: how to speak for it, and a name for it that tells no secret. */
import { type Env, merchantById, settings } from '../env'
import { CREDENTIAL_CONTEXT } from '../merchant/credential'
import type { KeyEntry } from '../merchant/keys'
import { sandboxAccount, walletName, walletOwner } from '../order/name'
import { sha256Hex } from '../platform/crypto'
import { unseal } from '../platform/vault'
import { sandboxFetch } from '../sandbox/sandbox'
import { type Noted, OneClick } from './oneclick'

export interface Account {
  /** A send in doubt may be proven absent only on the account that it went to: on another, every ref is. */
  readonly fingerprint: string
  readonly provider: OneClick
}

/** Null while nobody gave us a credential for it. */
export async function openAccount(env: Env, wallet: string, noted?: Noted): Promise<Account | null> {
  const sandbox = sandboxAccount(wallet)
  if (sandbox !== null) {
    const access = {
      baseUrl: 'https://sandbox.invalid',
      accessToken: sandbox,
      tokenIsPublic: true,
      fetch: sandboxFetch(env.SANDBOX),
    }
    return { fingerprint: wallet, provider: new OneClick(access, noted) }
  }
  const { oneclickBaseUrl } = settings(env)
  const accessToken = await accessTokenOf(env, wallet)
  if (accessToken === null) return null
  return {
    fingerprint: await fingerprint(oneclickBaseUrl, accessToken),
    provider: providerAt(oneclickBaseUrl, accessToken, noted),
  }
}

export function providerAt(baseUrl: string, accessToken: string, noted?: Noted): OneClick {
  return new OneClick({ baseUrl, accessToken, fetch: (request) => fetch(request) }, noted)
}

/** Which wallet a merchant's sends go through, and the account that they are promised to. */
export async function walletOf(
  env: Env,
  { merchantId, environment, ownAccount }: Pick<KeyEntry, 'merchantId' | 'environment' | 'ownAccount'>,
): Promise<{ wallet: string; account: string }> {
  const wallet = walletName(merchantId, environment, ownAccount !== null)
  if (sandboxAccount(wallet) !== null) return { wallet, account: wallet }
  if (ownAccount !== null) return { wallet, account: ownAccount }
  const { oneclickBaseUrl, oneclickAccessToken } = settings(env)
  return { wallet, account: await fingerprint(oneclickBaseUrl, oneclickAccessToken ?? '') }
}

export async function fingerprint(baseUrl: string, accessToken: string): Promise<string> {
  return (await sha256Hex(`${baseUrl} ${accessToken}`)).slice(0, 16)
}

/** The wallet object that knows which merchant a provider account belongs to. */
export async function claimName(baseUrl: string, username: string): Promise<string> {
  return `account:${await sha256Hex(`${baseUrl} ${username}`)}`
}

async function accessTokenOf(env: Env, wallet: string): Promise<string | null> {
  const { oneclickAccessToken, masterKey } = settings(env)
  const merchantId = walletOwner(wallet)
  if (merchantId === null) return oneclickAccessToken
  const credential = await merchantById(env, merchantId).credential()
  if (credential === null || masterKey === null) return null
  return await unseal(masterKey, CREDENTIAL_CONTEXT + merchantId, credential.sealed)
}
