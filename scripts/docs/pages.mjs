// All pages of the documentation, from the API document and from what is written for people.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { html } from 'hono/html'
import { layout } from './layout.mjs'
import { markdown, slug } from './markdown.mjs'
import { errorsPage, referencePages } from './reference.mjs'
import { textsFile, unfilled } from './texts.mjs'

/** @typedef {import('./reference.mjs').Page} Page */

/** What there is a page of; other documents are the operator's, and a link to them is text here. */
const GUIDES = [
  { name: 'quickstart', title: '⟦quickstart⟧', file: 'docs/quickstart.md' },
  { name: 'callbacks', title: '⟦callbacks⟧', file: 'docs/callbacks.md' },
  { name: 'callbacks-go-java', title: '⟦callbacksMore⟧', file: 'docs/callbacks-go-java.md' },
  { name: 'compatibility', title: '⟦compatibility⟧', file: 'docs/compatibility.md' },
]

/**
 * Every file of `public/docs`, by name.
 * @param {string} root
 */
export function documentation(root) {
  /** @param {string} file */
  const read = (file) => readFileSync(resolve(root, file), 'utf8')
  const document = JSON.parse(read('public/openapi.json'))
  const guides = [
    ...GUIDES.map(({ name, title, file }) => guide(name, title, read(file))),
    sandbox(read('README.md')),
  ]
  const reference = [...referencePages(document), errorsPage(document)]
  const start = overview(document)
  const groups = [
    { title: '⟦guides⟧', pages: [start, ...guides] },
    { title: '⟦reference⟧', pages: reference },
  ]
  const pages = [start, ...guides, ...reference].map(
    (page) => /** @type {const} */ ([`${page.name}.html`, layout(page, groups)]),
  )
  for (const [name, page] of pages)
    if (unfilled(page).length > 0)
      throw new Error(`${name} has placeholders without a text: ${unfilled(page).join(', ')}`)
  return new Map([...pages, ['texts.json', textsFile()]])
}

/**
 * @param {string} name
 * @param {string} title
 * @param {string} text
 * @returns {Page}
 */
function guide(name, title, text) {
  const items = [...withoutCode(text).matchAll(/^## (.*)$/gm)].map(([, heading = '']) => heading)
  return {
    name,
    title,
    items: items.map((heading) => ({ id: slug(heading), title: heading })),
    content: markdown(text.replaceAll('https://YOUR-GATEWAY', '⟦origin⟧'), linkOf),
  }
}

/**
 * The README has them for whoever reads the source: one table, two places.
 * @param {string} readme
 * @returns {Page}
 */
function sandbox(readme) {
  const [, section] = /^### Sandbox numbers\n([\s\S]*?)^### /m.exec(readme) ?? []
  if (section === undefined) throw new Error('README.md has no section "Sandbox numbers"')
  const content = html`<h1>⟦sandbox⟧</h1>${markdown(section, linkOf)}`
  return { name: 'sandbox', title: '⟦sandbox⟧', items: [], content }
}

/**
 * @param {any} document
 * @returns {Page}
 */
function overview({ info }) {
  const content = html`<h1>${info.title}</h1>${markdown(info.description)}`
  return { name: 'index', title: '⟦overview⟧', items: [], content }
}

/** @param {string} target */
function linkOf(target) {
  if (/^(?:https?:|#)/.test(target)) return target
  const [, name] = /^(?:docs\/)?([\w-]+)\.md(?:#.*)?$/.exec(target) ?? []
  return GUIDES.some((each) => each.name === name) ? `/docs/${name}⟦query⟧` : null
}

/** @param {string} text */
function withoutCode(text) {
  return text.replace(/^```[\s\S]*?^```$/gm, '')
}
