/** An order with a callback URL of its own: which endpoint answers for it, and for how long. Pure. */
import type { EndpointState } from './outbox'
import type { Intent } from './state'

type Standing = Pick<EndpointState, 'id' | 'url' | 'state' | 'environment'> & {
  readonly verifiedAt: number | null
}

/**
 * The endpoint on the same origin whose keys sign what goes to `url`: before all others one that is called
 * now. In production it must have proven that the host is the merchant's. Null when there is none.
 */
export function endpointFor(url: string, endpoints: readonly Standing[]): string | null {
  const fitting = endpoints.filter((endpoint) => mayAnswer(endpoint) && isSameOrigin(url, endpoint.url))
  return (fitting.find(({ state }) => state === 'active') ?? fitting[0])?.id ?? null
}

/**
 * The endpoints as this order calls them. The order's URL stands in for its endpoint's, also when that one
 * moves on its host. Moved to another host, it answers for the order's URL no longer: in production nobody
 * has proven that one then, so the events go where the endpoint's own do.
 */
export function calledBy<T extends EndpointState>(
  { callback }: Pick<Intent, 'callback'>,
  endpoints: readonly T[],
): readonly T[] {
  if (callback === null) return endpoints
  const { url, endpointId } = callback
  return endpoints.map((endpoint) => {
    const holds = endpoint.environment === 'sandbox' || isSameOrigin(url, endpoint.url)
    return endpoint.id === endpointId && holds ? { ...endpoint, url } : endpoint
  })
}

function mayAnswer({ environment, state, verifiedAt }: Standing): boolean {
  return environment === 'production' ? verifiedAt !== null : state !== 'disabled'
}

/** Both are normal forms. */
function isSameOrigin(a: string, b: string): boolean {
  return new URL(a).origin === new URL(b).origin
}
