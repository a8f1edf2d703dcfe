// Fields of a schema of the API document, as rows of a table.
import { html } from 'hono/html'
import { inline } from './markdown.mjs'

/** Deeper than this a field is looked up in /openapi.json. */
const MAX_DEPTH = 4

/** @typedef {{ name: string, type: string, isRequired: boolean, description: string }} Field */

/**
 * @param {any} document
 * @param {any} node
 */
export function resolved(document, node) {
  const path = node?.$ref?.slice(2).split('/')
  if (path === undefined) return node
  return path.reduce((/** @type {any} */ inside, /** @type {string} */ key) => inside[key], document)
}

/**
 * @param {any} document
 * @param {any} schema
 * @param {string} prefix
 * @returns {Field[]}
 */
export function fields(document, schema, prefix = '', depth = 0) {
  const whole = merged(document, schema)
  const { properties = {}, required = [] } = whole.type === 'array' ? merged(document, whole.items) : whole
  return Object.entries(properties).flatMap(([key, property]) => {
    const own = merged(document, property)
    const name = prefix + key
    const { description = '' } = own
    const row = { name, type: typeOf(document, own), isRequired: required.includes(key), description }
    const inner = `${name}${own.type === 'array' ? '[]' : ''}.`
    return depth < MAX_DEPTH ? [row, ...fields(document, own, inner, depth + 1)] : [row]
  })
}

/** @param {Field[]} rows */
export function fieldTable(rows) {
  return html`<div class="wide"><table class="fields"><thead><tr><th>⟦field⟧</th><th>⟦type⟧</th><th>⟦meaning⟧</th></tr></thead>
<tbody>${rows.map(
    ({ name, type, isRequired, description }) =>
      html`<tr><td><code>${name}</code>${isRequired ? html` <i>⟦required⟧</i>` : ''}</td><td>${type}</td><td>${inline(description)}</td></tr>\n`,
  )}</tbody></table></div>`
}

/**
 * With what it refers to and consists of in one.
 * @param {any} document
 * @param {any} schema
 * @returns {any}
 */
function merged(document, schema) {
  const { allOf = [], anyOf, ...own } = resolved(document, schema) ?? {}
  const choices = (anyOf ?? []).filter((/** @type {any} */ each) => each.type !== 'null')
  const only = choices.length === 1 ? merged(document, choices[0]) : {}
  const parts = [...allOf.map((/** @type {any} */ each) => merged(document, each)), only, own]
  return Object.assign({}, ...parts, anyOf === undefined ? {} : { anyOf }, {
    properties: Object.assign({}, ...parts.map(({ properties }) => properties)),
    required: parts.flatMap(({ required = [] }) => required),
  })
}

/**
 * @param {any} document
 * @param {any} schema
 * @returns {string}
 */
export function typeOf(document, schema) {
  const { type, anyOf, items, enum: words, const: only, format } = resolved(document, schema) ?? {}
  if (only !== undefined) return JSON.stringify(only)
  if (words !== undefined) return words.map((/** @type {unknown} */ word) => JSON.stringify(word)).join(' | ')
  if (anyOf !== undefined) return anyOf.map((/** @type {any} */ each) => typeOf(document, each)).join(' | ')
  if (type === 'array') return `${typeOf(document, items)}[]`
  const name = Array.isArray(type) ? type.join(' | ') : (type ?? 'any')
  return format === undefined ? name : `${name} (${format})`
}
