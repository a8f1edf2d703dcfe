// As much of Markdown as our documents use: headings, paragraphs, lists, tables, code, links. All else is text.
import { html, raw } from 'hono/html'

const FENCE = /^```(\w*)$/
const HEADING = /^(#{1,4}) (.*)$/
const ITEM = /^(?:[-*]|\d+\.) (.*)$/
const ROW = /^\|(.*)\|$/

/**
 * @typedef {(target: string) => string | null} LinkOf where a link of the document leads to; null: it is only text
 * @typedef {{ readonly lines: string[], at: number, readonly linkOf: LinkOf }} Reader
 */

/**
 * @param {string} text
 * @param {LinkOf} linkOf
 */
export function markdown(text, linkOf = (target) => target) {
  /** @type {Reader} */
  const reader = { lines: text.split('\n'), at: 0, linkOf }
  const blocks = []
  while (reader.at < reader.lines.length) blocks.push(block(reader))
  return html`${blocks}`
}

/**
 * `code`, **bold** and [links](to).
 * @param {string} text
 * @param {LinkOf} linkOf
 */
export function inline(text, linkOf = (target) => target) {
  const parts = text.split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)]+\))/)
  return html`${parts.map((part) => inlinePart(part, linkOf))}`
}

/** @param {string} text for the address of a heading */
export function slug(text) {
  return text
    .toLowerCase()
    .replace(/[^\w]+/g, '-')
    .replace(/^-|-$/g, '')
}

/**
 * @param {string} part
 * @param {LinkOf} linkOf
 * @returns {unknown}
 */
function inlinePart(part, linkOf) {
  if (/^`.+`$/.test(part)) return html`<code>${part.slice(1, -1)}</code>`
  if (part.startsWith('**')) return html`<b>${inline(part.slice(2, -2), linkOf)}</b>`
  const [, label, target] = /^\[([^\]]+)\]\(([^)]+)\)$/.exec(part) ?? []
  if (label === undefined || target === undefined) return part
  const href = linkOf(target)
  return href === null ? inline(label, linkOf) : html`<a href="${href}">${inline(label, linkOf)}</a>`
}

/** @param {Reader} reader */
function block(reader) {
  const line = reader.lines[reader.at] ?? ''
  if (line.trim() === '') {
    reader.at += 1
    return ''
  }
  if (FENCE.test(line)) return code(reader)
  const [, marks, title] = HEADING.exec(line) ?? []
  if (marks !== undefined && title !== undefined) {
    reader.at += 1
    return heading(marks.length, inline(title, reader.linkOf), slug(title))
  }
  if (ROW.test(line)) return table(reader)
  if (ITEM.test(line)) return list(reader)
  return html`<p>${inline(take(reader, isProse).join(' '), reader.linkOf)}</p>`
}

/**
 * @param {number} level
 * @param {unknown} title
 * @param {string} id
 */
function heading(level, title, id) {
  return html`${raw(`<h${level} id="${id}">`)}${title}${raw(`</h${level}>`)}`
}

/** @param {Reader} reader */
function code(reader) {
  reader.at += 1
  const lines = take(reader, (line) => !FENCE.test(line))
  reader.at += 1
  return html`<pre tabindex="0"><code>${lines.join('\n')}</code></pre>`
}

/** @param {Reader} reader */
function table(reader) {
  const [head = [], , ...rows] = take(reader, (line) => ROW.test(line)).map(cells)
  /** @param {string} cell */
  const shown = (cell) => inline(cell, reader.linkOf)
  return html`<div class="wide"><table><thead><tr>${head.map((cell) => (cell.trim() === '' ? html`<td></td>` : html`<th>${shown(cell)}</th>`))}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${shown(cell)}</td>`)}</tr>\n`)}</tbody></table></div>`
}

/** @param {string} line */
function cells(line) {
  return line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'))
}

/** @param {Reader} reader */
function list(reader) {
  const isNumbered = /^\d/.test(reader.lines[reader.at] ?? '')
  /** @type {string[]} */
  const items = []
  for (const line of take(reader, (each) => ITEM.test(each) || /^ {2,}\S/.test(each))) {
    const [, text] = ITEM.exec(line) ?? []
    if (text !== undefined) items.push(text)
    else items.push(`${items.pop() ?? ''} ${line.trim()}`)
  }
  const shown = items.map((item) => html`<li>${inline(item, reader.linkOf)}</li>`)
  return isNumbered ? html`<ol>${shown}</ol>` : html`<ul>${shown}</ul>`
}

/** @param {string} line */
function isProse(line) {
  return line.trim() !== '' && ![FENCE, HEADING, ROW, ITEM].some((other) => other.test(line))
}

/**
 * @param {Reader} reader
 * @param {(line: string) => boolean} isPart
 */
function take(reader, isPart) {
  const taken = []
  for (; reader.at < reader.lines.length && isPart(reader.lines[reader.at] ?? ''); reader.at++)
    taken.push(reader.lines[reader.at] ?? '')
  return taken
}
