/** A person at the console, over HTTP. */
import type { Gateway } from './harness'

export interface Person {
  readonly cookie: string
  /** A page; redirects are an answer to look at. */
  read(path: string): Promise<Page>
  /** A form of ours, sent. */
  send(path: string, fields: Readonly<Record<string, string>>): Promise<Page>
}

export interface Page {
  readonly status: number
  readonly html: string
  /** Where it leads, if it leads elsewhere. */
  readonly to: string
}

export async function signIn(gateway: Gateway, key: string, language = 'en'): Promise<Person> {
  const ours = { Origin: gateway.url, 'Sec-Fetch-Site': 'same-origin', 'Accept-Language': language }
  const ask = (path: string, init: RequestInit) => gateway.fetch(`/console${path}`, init)
  const post = (path: string, fields: Readonly<Record<string, string>>, Cookie = '') =>
    ask(path, { method: 'POST', body: new URLSearchParams(fields), headers: { ...ours, Cookie } })
  const answer = await post('/sign-in', { key })
  const cookie = answer.headers.get('Set-Cookie')?.split(';')[0] ?? ''
  if (answer.status !== 303) throw new Error(await answer.text())
  return {
    cookie,
    read: async (path) =>
      pageOf(await ask(path, { headers: { 'Accept-Language': language, Cookie: cookie } })),
    send: async (path, fields) => pageOf(await post(path, fields, cookie)),
  }
}

async function pageOf(answer: Response): Promise<Page> {
  return { status: answer.status, html: await answer.text(), to: answer.headers.get('Location') ?? '' }
}
