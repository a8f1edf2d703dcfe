import { beforeAll, describe, expect, it } from 'vitest'
import { generateSigningKeys, type SigningKeys, signatureHeaders } from '../../../src/callback/sign'
import { checkSignature, type Question } from '../../../src/callback/signature-check'

const NOW = 1_795_457_600
const BODY =
  '{"type":"topup.refunded","data":{"ref":"a/b","refund_message":"رصيد غير كافٍ","n":1.5,"e":[],"s":"a, b: c"}}'

let keys: SigningKeys
let others: SigningKeys
let headers: Record<string, string>

beforeAll(async () => {
  keys = await generateSigningKeys()
  others = await generateSigningKeys()
  headers = await signatureHeaders({ id: 'evt_1', timestampSeconds: NOW, body: BODY }, [keys])
})

function ask(change: Partial<Question> = {}) {
  const question = {
    headers,
    body: BODY,
    secret: keys.secret,
    publicKey: null,
    endpoints: [],
    nowSeconds: NOW + 3,
    ...change,
  }
  return checkSignature(question)
}

const withHeader = (name: string, value: string | string[]) => ({ headers: { ...headers, [name]: value } })
const without = (name: string) => Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name))
const header = (name: string) => headers[name] ?? ''
const entry = (version: string) =>
  header('webhook-signature')
    .split(' ')
    .find((one) => one.startsWith(`${version},`)) ?? ''
const endpoint = (id: string, ...live: SigningKeys[]) => ({ id, keys: live })

async function wrongParts(change: Partial<Question>): Promise<string[]> {
  const { checks } = await ask(change)
  return checks.filter(({ ok }) => ok === false).map(({ part }) => part)
}

describe('a signature that holds', () => {
  it.each([
    ['with the secret', {}],
    ['with the names in another case', { headers: 'upper' }],
    ['with the public key', { secret: null, publicKey: 'own' }],
    ['with the keys of the endpoint', { secret: null, endpoints: 'own' }],
    ['with the older of two keys', { secret: null, endpoints: 'rotated' }],
  ])('%s', async (_, { headers: names, publicKey, endpoints, ...change }: Record<string, unknown>) => {
    const upper = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]),
    )
    const all = endpoints === 'rotated' ? [endpoint('ep_1', others, keys)] : [endpoint('ep_1', keys)]
    const verdict = await ask({
      ...change,
      ...(names === undefined ? {} : { headers: upper }),
      ...(publicKey === undefined ? {} : { publicKey: keys.publicKey }),
      ...(endpoints === undefined ? {} : { endpoints: all }),
    })
    expect(verdict).toMatchObject({ valid: true, problem: null })
    expect(verdict.checks.map(({ ok }) => ok)).toEqual([true, true, true, true, true])
  })

  it('signed with several keys, of which one is given', async () => {
    const both = await signatureHeaders({ id: 'evt_1', timestampSeconds: NOW, body: BODY }, [others, keys])
    expect(await ask({ headers: both })).toMatchObject({ valid: true, problem: null })
  })

  it('without its asymmetric half, and the other way round', async () => {
    expect(await ask(withHeader('webhook-signature', entry('v1')))).toMatchObject({
      valid: true,
      problem: null,
    })
    const asymmetric = withHeader('webhook-signature', entry('v1a'))
    expect(await ask({ ...asymmetric, secret: null, publicKey: keys.publicKey })).toMatchObject({
      valid: true,
    })
    expect(await ask({ ...asymmetric, secret: null, endpoints: [endpoint('ep_1', keys)] })).toMatchObject({
      valid: true,
      problem: null,
    })
  })

  it.each([
    ['timestamp_old', 301],
    ['timestamp_future', -301],
  ])('is judged all the same: %s', async (problem, age) => {
    const verdict = await ask({ nowSeconds: NOW + age })
    expect(verdict).toMatchObject({ valid: true, problem })
    expect(verdict.says).toContain('301 s')
    expect(await wrongParts({ nowSeconds: NOW + age })).toEqual(['webhook-timestamp'])
    expect(await ask({ nowSeconds: NOW + Math.sign(age) * 300 })).toMatchObject({ problem: null })
  })
})

describe('a header', () => {
  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('that is missing: %s', async (name) => {
    expect(await ask({ headers: without(name) })).toMatchObject({ valid: false, problem: 'header_missing' })
    expect(await wrongParts({ headers: without(name) })).toContain(name)
  })

  it('by the names of Svix holds for its library alone', async () => {
    const renamed = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.replace('webhook-', 'svix-'), value]),
    )
    expect(await ask({ headers: renamed })).toMatchObject({ valid: true, problem: 'header_renamed' })
  })

  it('that a proxy repeats', async () => {
    const id = 'evt_1'
    expect(await ask(withHeader('webhook-id', `${id}, ${id}`))).toMatchObject({
      valid: false,
      problem: 'header_duplicated',
    })
    expect(await wrongParts(withHeader('webhook-id', `${id}, ${id}`))).toEqual(['webhook-id'])
    expect(await ask(withHeader('webhook-id', [id, id]))).toMatchObject({
      valid: true,
      problem: 'header_duplicated',
    })
    const time = String(NOW)
    expect(await ask(withHeader('webhook-timestamp', `${time}, ${time}`))).toMatchObject({
      valid: true, // the libraries read a number from its beginning
      problem: 'header_duplicated',
    })
  })

  it('webhook-timestamp in milliseconds, or not a number', async () => {
    const inMs = withHeader('webhook-timestamp', `${NOW}123`)
    expect(await ask(inMs)).toMatchObject({ valid: false, problem: 'timestamp_milliseconds' })
    expect(await wrongParts(inMs)).toEqual(['webhook-timestamp'])
    expect(await ask(withHeader('webhook-timestamp', 'Tue, 24 Nov 2026'))).toMatchObject({
      valid: false,
      problem: 'timestamp_malformed',
    })
    expect(await ask(withHeader('webhook-timestamp', `${NOW}.5`))).toMatchObject({
      valid: true, // as above
      problem: 'timestamp_malformed',
    })
  })

  it.each([
    ['base64url', 'signature_base64url'],
    ['bare', 'signature_unversioned'],
    ['cut', 'signature_malformed'],
    ['empty of entries', 'signature_malformed'],
  ])('webhook-signature that is %s', async (how, problem) => {
    // A signature with a character that base64url writes otherwise.
    let signed = headers
    for (let id = 0; !/[+/]/.test(signed['webhook-signature']?.split(' ')[0]?.slice(3) ?? ''); id++) {
      signed = await signatureHeaders({ id: `evt_${id}`, timestampSeconds: NOW, body: BODY }, [keys])
    }
    const v1 = signed['webhook-signature']?.split(' ')[0] ?? ''
    const altered = {
      base64url: v1.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''),
      bare: v1.slice(3),
      cut: v1.slice(0, -5),
      'empty of entries': 'v9,x',
    }[how]
    const verdict = await ask({ headers: { ...signed, 'webhook-signature': altered ?? '' } })
    expect(verdict).toMatchObject({ valid: false, problem })
    expect(verdict.checks[2]).toMatchObject({ part: 'webhook-signature', ok: false })
  })

  it('webhook-signature whose v1 entry alone was altered', async () => {
    const altered = `v1,${btoa('x'.repeat(32))} ${entry('v1a')}`
    const asked = { ...withHeader('webhook-signature', altered), endpoints: [endpoint('ep_1', keys)] }
    expect(await ask({ ...asked, secret: null })).toMatchObject({ valid: false, problem: 'v1_wrong' })
    expect(await ask(asked)).toMatchObject({ valid: false, problem: 'v1_wrong' })
    expect(await wrongParts(asked)).toEqual(['webhook-signature'])
    expect(await ask({ ...asked, secret: others.secret })).toMatchObject({ problem: 'wrong_secret' })
  })
})

describe('a secret', () => {
  it.each([
    ['secret_whitespace', (secret: string) => `${secret}\n`, false],
    ['secret_whitespace', (secret: string) => ` ${secret}`, false],
    ['secret_prefix', (secret: string) => secret.slice('whsec_'.length), true],
    ['secret_malformed', (secret: string) => `${secret.slice(0, 12)}-${secret.slice(13)}`, false],
    ['secret_malformed', () => 'whsec_', false],
    ['secret_private_key', () => keys.privateKey, false],
    ['secret_public_key', () => keys.publicKey, false],
  ])('%s', async (problem, alter, valid) => {
    const secret = alter(keys.secret)
    const verdict = await ask({ secret, endpoints: [endpoint('ep_1', keys)] })
    expect(verdict).toMatchObject({ valid, problem })
    expect(verdict.checks[3]).toMatchObject({ part: 'secret', ok: false })
  })

  it('of another endpoint is named', async () => {
    const endpoints = [endpoint('ep_1', others), endpoint('ep_2', keys)]
    const verdict = await ask({ secret: others.secret, endpoints })
    expect(verdict).toMatchObject({ valid: false, problem: 'wrong_secret' })
    expect(verdict.says).toMatch(/the key of ep_2, .*The body is untouched/)
    expect(await wrongParts({ secret: others.secret, endpoints })).toEqual(['secret'])
  })

  it('of another endpoint, and the body altered too', async () => {
    const asked = { secret: others.secret, endpoints: [endpoint('ep_2', keys)], body: `${BODY}\n` }
    expect((await ask(asked)).says).toMatch(/The body was changed too: a newline was added/)
    expect(await wrongParts(asked)).toEqual(['secret', 'body'])
  })

  it('that nobody knows', async () => {
    const verdict = await ask({ secret: others.secret, endpoints: [endpoint('ep_1', others)] })
    expect(verdict).toMatchObject({ valid: false, problem: 'no_match' })
    expect(verdict.checks.map(({ ok }) => ok)).toEqual([true, true, null, null, null])
    expect(await ask({ secret: null })).toMatchObject({ valid: false, problem: 'no_keys' })
  })

  it('as a public key is refused where it is none', async () => {
    const publicKey = `${keys.publicKey.slice(0, -6)}====`
    expect(await ask({ secret: null, publicKey })).toMatchObject({
      valid: false,
      problem: 'public_key_malformed',
    })
  })

  it('is never repeated', async () => {
    const secrets = [
      keys.secret,
      others.secret,
      keys.privateKey,
      `${keys.secret}\n`,
      keys.secret.slice(6),
      'whsec_gar-bage',
    ]
    for (const secret of secrets) {
      const text = JSON.stringify(await ask({ secret, endpoints: [endpoint('ep_1', keys)] }))
      for (const part of [keys.secret, others.secret, keys.privateKey]) {
        expect(text).not.toContain(part.slice(8, 24))
      }
      expect(text).not.toContain('gar-bage')
    }
  })
})

const escaped = (json: string) =>
  json.replace(/[\u0080-\uffff]/g, (c) => `\\u0${c.charCodeAt(0).toString(16)}`)
const python = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([name, inner]) => `${JSON.stringify(name)}: ${python(inner)}`)
    .join(', ')}}`
}

describe('a body', () => {
  it.each([
    ['a newline was added', `${BODY}\n`],
    ['a newline was added', `${BODY}\r\n`],
    ['byte order mark was put in front', `\ufeff${BODY}`],
    ['white space was added', ` ${BODY}\n\n`],
    ['json.dumps', python(JSON.parse(BODY))],
    ['json.dumps', escaped(python(JSON.parse(BODY)))],
    ['pretty printed with 2', JSON.stringify(JSON.parse(BODY), null, 2)],
    ['pretty printed with 4', JSON.stringify(JSON.parse(BODY), null, 4)],
    ['\\u escapes', escaped(BODY)],
    ['json_encode', BODY.replaceAll('/', '\\/')],
    ['json_encode', escaped(BODY).replaceAll('/', '\\/')],
    ['parsed and written anew', JSON.stringify(JSON.parse(BODY), null, '\t')],
    ['pretty printed with 2', `\ufeff${JSON.stringify(JSON.parse(BODY), null, 2)}\n`],
  ])('that was altered is named: %s', async (happened, body) => {
    const verdict = await ask({ body })
    expect(verdict).toMatchObject({ valid: false, problem: 'body_altered' })
    expect(verdict.says).toContain(happened)
    expect(await wrongParts({ body })).toEqual(['body'])
    const byPublicKey = await ask({ body, secret: null, publicKey: keys.publicKey })
    expect(byPublicKey).toMatchObject({ valid: false, problem: 'body_altered' })
  })

  it.each([
    ['newline at its end was removed', `${BODY}\n`, BODY],
    ['newline (CRLF) at its end was removed', `${BODY}\r\n`, BODY],
    ['from LF into CRLF', '{\n"a":1\n}', '{\r\n"a":1\r\n}'],
    ['from CRLF into LF', '{\r\n"a":1\r\n}', '{\n"a":1\n}'],
    ['byte order mark in front of it was removed', `\ufeff${BODY}`, BODY],
    ['JSON.stringify', JSON.stringify(JSON.parse(BODY), null, 2), BODY],
    ['JSON.stringify', escaped(BODY), BODY],
    ['a newline was added', 'no JSON at all', 'no JSON at all\n'],
  ])('of another signer that was altered is named: %s', async (happened, original, body) => {
    const signed = await signatureHeaders({ id: 'evt_1', timestampSeconds: NOW, body: original }, [keys])
    const verdict = await ask({ headers: signed, body })
    expect(verdict).toMatchObject({ valid: false, problem: 'body_altered' })
    expect(verdict.says).toContain(happened)
  })

  it('that was altered in a way nobody can guess', async () => {
    for (const body of [BODY.replace('a/b', 'a/c'), '', '{}', `${'['.repeat(8_000)}`]) {
      expect(await ask({ body })).toMatchObject({ valid: false, problem: 'no_match' })
    }
  })
})
