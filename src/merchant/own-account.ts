/** A merchant's own account at the provider: whose it is, and the credential that opens it, sealed. */
import { type Env, settings, walletByName } from '../env'
import { seal } from '../platform/vault'
import { claimName, fingerprint, providerAt } from '../provider/account'
import { isAboutCredential } from '../provider/classify'
import {
  accountName,
  CREDENTIAL_CONTEXT,
  type Credential,
  type CredentialCheck,
  checkCredential,
} from './credential'

const CREDENTIAL = 'credential'

export class OwnAccount {
  readonly #env: Env
  readonly #kv: SyncKvStorage

  constructor(env: Env, kv: SyncKvStorage) {
    this.#env = env
    this.#kv = kv
  }

  get credential(): Credential | null {
    return this.#kv.get<Credential>(CREDENTIAL) ?? null
  }

  /** Asks the provider whether it lets the credential in, and claims the account: it belongs to one merchant. */
  async claim(merchantId: string, accessToken: string): Promise<CredentialCheck> {
    const { oneclickBaseUrl } = settings(this.#env)
    const check = checkCredential(await providerAt(oneclickBaseUrl, accessToken).read('/v3/validate'))
    if (!check.ok) return check
    const whose = await this.#isOperators(check.username, accessToken)
    if (whose === 'unknown') {
      return {
        ok: false,
        retry: true,
        reason: 'the gateway could not ask whether it is the operator’s account',
      }
    }
    const name = await this.#claimName(check.username, accessToken)
    if (whose === 'operator' || !(await walletByName(this.#env, name).claim(merchantId))) {
      return { ok: false, retry: false, reason: 'the operator or another merchant uses this account' }
    }
    return check
  }

  /** What is kept of a credential whose account was claimed. */
  async sealed(
    merchantId: string,
    accessToken: string,
    username: string,
    masterKey: string,
  ): Promise<Credential> {
    const { oneclickBaseUrl } = settings(this.#env)
    return {
      sealed: await seal(masterKey, CREDENTIAL_CONTEXT + merchantId, accessToken),
      fingerprint: await fingerprint(oneclickBaseUrl, accessToken),
      claim: await this.#claimName(username, accessToken),
      username,
      setAt: Date.now(),
    }
  }

  /** Null: none from now on. Answers what was there, whose account others may bring once it was given up. */
  replace(next: Credential | null): Credential | null {
    const before = this.credential
    if (next === null) this.#kv.delete(CREDENTIAL)
    else this.#kv.put(CREDENTIAL, next)
    return before
  }

  /** Unless it is the account of the credential that is there. */
  async giveUp(merchantId: string, before: Credential | null): Promise<void> {
    if (before === null || before.claim === this.credential?.claim) return
    await walletByName(this.#env, before.claim).unclaim(merchantId)
  }

  /** By the account's name, as the provider tells it: two credentials may open one account. */
  async #isOperators(username: string, accessToken: string): Promise<'operator' | 'other' | 'unknown'> {
    const { oneclickAccessToken, oneclickBaseUrl } = settings(this.#env)
    if (oneclickAccessToken === null) return 'other'
    if (oneclickAccessToken === accessToken) return 'operator'
    const ours = await providerAt(oneclickBaseUrl, oneclickAccessToken).read('/v3/validate')
    // A credential that is not let in opens no account.
    if (ours.kind === 'refused' && isAboutCredential(ours.refusal)) return 'other'
    const name = accountName(ours)
    if (name === null) return 'unknown'
    return name !== '' && name === username ? 'operator' : 'other'
  }

  #claimName(username: string, accessToken: string): Promise<string> {
    return claimName(settings(this.#env).oneclickBaseUrl, username || accessToken)
  }
}
