import { expect, it } from 'vitest'
import { asset, textsIn } from '../../../src/platform/assets'

/** Answers each question with the next of these. */
function binding(...answers: readonly Response[]) {
  const asked: string[] = []
  const fetch = (file: RequestInfo | URL) => {
    asked.push(new URL(String(file)).pathname)
    return Promise.resolve(answers[asked.length - 1] ?? Response.error())
  }
  return { asked, env: { ASSETS: { fetch } } }
}

const missing = () => new Response('no such file', { status: 404 })

it('a file is read once', async () => {
  const { asked, env } = binding(new Response('words'))
  const read = asset('/a.txt', async (file) => ({ text: await file.text() }))
  expect(await read(env)).toEqual({ text: 'words' })
  expect(await read(env)).toEqual({ text: 'words' })
  expect(asked).toEqual(['/a.txt'])
})

it('a file that could not be read is no text, and is asked for again', async () => {
  const { env } = binding(missing(), new Response('words'))
  const read = asset('/a.txt', async (file) => ({ text: await file.text() }))
  await expect(read(env)).rejects.toThrow('/a.txt cannot be read: 404')
  expect(await read(env)).toEqual({ text: 'words' })
})

it('each language has a file of its own', async () => {
  const { asked, env } = binding(Response.json({ a: 'ا' }), Response.json({ a: 'a' }))
  const texts = textsIn<{ a: string }>('/texts')
  expect(await texts(env, 'ar')).toEqual({ a: 'ا' })
  expect(await texts(env, 'en')).toEqual({ a: 'a' })
  expect(asked).toEqual(['/texts/ar.json', '/texts/en.json'])
})
