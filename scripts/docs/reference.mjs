// The pages of the reference: one for each tag of the API document, and one of all errors.
import { html } from 'hono/html'
import { inline, markdown, slug } from './markdown.mjs'
import { exampleRequest, inCurl, inTypeScript } from './request.mjs'
import { fields, fieldTable, resolved, typeOf } from './schema.mjs'

/** `CODE`: what it means, a paragraph each. */
const CODE_LINE = /`([A-Z_]+)`(?: \((\d{3})\))?: (.*)/
/** What a merchant's key opens can be tried; what comes as a page, or is the operator's, cannot. */
const TRIED = new Set(['accessToken', undefined])

/** @typedef {{ name: string, title: string, content: unknown, items: { id: string, title: string }[] }} Page */

/**
 * @param {any} document
 * @returns {Page[]}
 */
export function referencePages(document) {
  return document.tags.map((/** @type {any} */ { name, description }) => {
    const operations = operationsOf(document, name)
    return {
      name: `api-${slug(name)}`,
      title: name,
      items: operations.map(({ operation }) => ({ id: operation.operationId, title: operation.summary })),
      content: html`<h1>${name}</h1><p>${inline(description)}</p>${operations.map((each) => article(document, each))}`,
    }
  })
}

/**
 * @param {any} document
 * @returns {Page}
 */
export function errorsPage(document) {
  const codes = codesOf(document.components.schemas.Failure.description)
  const content = html`<h1>⟦errors⟧</h1><p>${inline('Decide by `error.code`; `message` is for people and may change. Treat a code that you do not know by its HTTP status. `requestId` goes with every question to support.')}</p>
${codes.map(({ code, status, meaning }) => {
  const example = exampleOf(document, code)
  return html`<h2 id="${code}"><code>${code}</code> <small>${status}</small></h2><p>${inline(meaning)}</p>${
    example === null ? '' : json(example)
  }`
})}`
  return { name: 'errors', title: '⟦errors⟧', content, items: [] }
}

/**
 * @param {any} document
 * @param {string} tag
 * @returns {{ path: string, method: string, operation: any }[]}
 */
function operationsOf(document, tag) {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.tags.includes(tag))
      .map(([method, operation]) => ({ path, method, operation })),
  )
}

/**
 * @param {any} document
 * @param {{ path: string, method: string, operation: any }} known
 */
function article(document, { path, method, operation }) {
  const { operationId, summary, description, parameters = [], requestBody } = operation
  const request = exampleRequest(method, path, operation)
  const media = requestBody?.content['application/json']
  const [access] = Object.keys(operation.security?.[0] ?? {})
  const isTried = TRIED.has(access) && !path.startsWith('/t/')
  return html`<article id="${operationId}" data-method="${request.method}" data-path="${path}"${isTried ? html` data-tried="${access ?? 'nobody'}"` : ''}>
<h2>${summary}</h2>
<p class="call"><b class="${method}">${request.method}</b> <code>${path}</code></p>
${markdown(description)}
${parameters.length > 0 ? html`<h3>⟦parameters⟧</h3>${parameterTable(document, parameters)}` : ''}
${media === undefined ? '' : html`<h3>⟦body⟧</h3>${fieldTable(fields(document, media.schema))}`}
<h3>⟦request⟧</h3>
<pre class="curl" tabindex="0"><code>${inCurl(request)}</code></pre>
${request.body === null ? '' : html`<template>${JSON.stringify(request.body, null, 2)}</template>`}
<details><summary>TypeScript</summary><pre tabindex="0"><code>${inTypeScript(request)}</code></pre></details>
${answers(document, operation)}
</article>`
}

/**
 * @param {any} document
 * @param {any[]} parameters
 */
function parameterTable(document, parameters) {
  return html`<div class="wide"><table class="fields"><thead><tr><th>⟦parameter⟧</th><th>⟦type⟧</th><th>⟦meaning⟧</th></tr></thead>
<tbody>${parameters.map(
    ({ name, in: place, required, description = '', schema, example = '' }) =>
      html`<tr data-name="${name}" data-in="${place}" data-example="${example}"><td><code>${name}</code> <small>${place}</small>${required ? html` <i>⟦required⟧</i>` : ''}</td><td>${typeOf(document, schema)}</td><td>${inline(description)}</td></tr>\n`,
  )}</tbody></table></div>`
}

/**
 * @param {any} document
 * @param {any} operation
 */
function answers(document, { responses }) {
  const known = Object.entries(responses).map(([status, response]) => ({
    status,
    ...resolved(document, response),
  }))
  const good = known.filter(({ status }) => status < '300')
  const errors = known
    .filter(({ status }) => status >= '400')
    .flatMap(({ status, description }) => codesOf(description).map((each) => ({ ...each, status })))
  return html`${good.map((response) => success(document, response))}
${
  errors.length === 0
    ? ''
    : html`<h3>⟦errors⟧</h3><div class="wide"><table class="fields"><tbody>${errors.map(
        ({ code, status, meaning }) =>
          html`<tr><td><a href="/docs/errors⟦query⟧#${code}"><code>${code}</code></a></td><td>${status}</td><td>${inline(meaning)}</td></tr>\n`,
      )}</tbody></table></div>`
}`
}

/**
 * @param {any} document
 * @param {any} response
 */
function success(document, { status, description, content = {} }) {
  const media = content['application/json']
  const [first, ...others] = Object.entries(media?.examples ?? {})
  const rows = media === undefined ? [] : fields(document, media.schema)
  return html`<h3>⟦answer⟧ <small>${status}</small></h3><p>${inline(description)}</p>
${first === undefined ? '' : json(resolved(document, first[1]).value)}
${others.map(([name, example]) => html`<details><summary><code>${name}</code></summary>${json(resolved(document, example).value)}</details>`)}
${rows.length === 0 ? '' : html`<details><summary>⟦fields⟧</summary>${fieldTable(rows)}</details>`}`
}

/** @param {unknown} value */
function json(value) {
  return html`<pre tabindex="0"><code>${JSON.stringify(value, null, 2)}</code></pre>`
}

/** @param {string} text */
function codesOf(text) {
  return text.split('\n').flatMap((line) => {
    const [, code = '', status = '', meaning = ''] = CODE_LINE.exec(line) ?? []
    return code === '' ? [] : [{ code, status, meaning }]
  })
}

/**
 * @param {any} document
 * @param {string} code
 */
function exampleOf(document, code) {
  const { examples } = document.components
  const name = Object.keys(examples).find((each) => each === code || each.endsWith(`.${code}`))
  return name === undefined ? null : resolved(document, examples[name]).value
}
