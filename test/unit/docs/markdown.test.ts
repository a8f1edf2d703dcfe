import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { markdown } from '../../../scripts/docs/markdown.mjs'
import { documentation } from '../../../scripts/docs/pages.mjs'
import { exampleRequest, inCurl, inTypeScript } from '../../../scripts/docs/request.mjs'

const shown = (text: string) => String(markdown(text)).trim()

describe('our documents as pages', () => {
  it('have headings, paragraphs, lists, tables and code', () => {
    expect(shown('## A `b` **c**')).toBe('<h2 id="a-b-c">A <code>b</code> <b>c</b></h2>')
    expect(shown('one\ntwo\n\nthree')).toBe('<p>one two</p><p>three</p>')
    expect(shown('- one\n  more\n- two')).toBe('<ul><li>one more</li><li>two</li></ul>')
    expect(shown('1. one\n2. two')).toBe('<ol><li>one</li><li>two</li></ol>')
    expect(
      shown('| a | b |\n| --- | --- |\n| `x \\| y` | [z](https://z.example) |').replaceAll('\n', ''),
    ).toBe(
      '<div class="wide"><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td><code>x | y</code></td><td><a href="https://z.example">z</a></td></tr></tbody></table></div>',
    )
    expect(shown('```js\nif (a < b) "c"\n```')).toBe(
      '<pre tabindex="0"><code>if (a &lt; b) &quot;c&quot;</code></pre>',
    )
  })

  it('are text, never markup', () => {
    expect(shown('<script>x</script> `<b>` **<i>**')).not.toMatch(/<(?:script|i)>|<code><b>/)
  })
})

describe('the example of a request', () => {
  const operation = {
    security: [{ accessToken: [] }],
    parameters: [{ name: 'id', in: 'path', example: 'a/b' }],
    requestBody: { content: { 'application/json': { examples: { one: { value: { note: "it's" } } } } } },
  }

  it('is a curl line that a shell takes', () => {
    expect(
      inCurl(exampleRequest('patch', '/v1/things/{id}', operation)),
    ).toBe(`curl -s '⟦origin⟧/v1/things/a%2Fb' -X PATCH \\
  -H 'X-Access-Token: YOUR_KEY' \\
  -H 'Content-Type: application/json' \\
  -d '{"note":"it'\\''s"}'`)
  })

  it('is the same in TypeScript', () => {
    const text = inTypeScript(exampleRequest('patch', '/v1/things/{id}', operation))
    expect(text).toContain("fetch('⟦origin⟧/v1/things/a%2Fb', {\n  method: 'PATCH',")
    expect(text).toContain('"note": "it\'s"')
  })
})

describe('the documentation', () => {
  const files = documentation('.')
  const pages = [...files].filter(([name]) => name.endsWith('.html')).map(([, text]) => text)
  const whole = pages.join('')

  it('has every operation and every error of the API document', () => {
    const document = JSON.parse(readFileSync('public/openapi.json', 'utf8'))
    for (const methods of Object.values<object>(document.paths))
      for (const { operationId } of Object.values<{ operationId: string }>(methods as never))
        expect(whole).toContain(`<article id="${operationId}"`)
    const [codes] = document.components.schemas.Failure.properties.error.properties.code.anyOf
    for (const code of codes.enum) expect(files.get('errors.html')).toContain(`id="${code}"`)
  })

  it('has the receivers of the guide, letter for letter', () => {
    const guide = readFileSync('docs/callbacks.md', 'utf8')
    const page = files.get('callbacks.html')?.replaceAll('&lt;', '<').replaceAll('&gt;', '>') ?? ''
    const [, receiver = 'none'] = /```js\n(.*?)\n```/s.exec(guide) ?? []
    expect(page.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&')).toContain(
      receiver,
    )
  })

  it('leads nowhere that is not there', () => {
    for (const [, name = '', id] of whole.matchAll(/href="\/docs\/([\w-]+)⟦query⟧(?:#([\w-]+))?"/g)) {
      expect([...files.keys()]).toContain(`${name}.html`)
      if (id !== undefined) expect(files.get(`${name}.html`)).toContain(`id="${id}"`)
    }
  })
})
