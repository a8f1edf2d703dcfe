// What every page of the documentation has in common.
import { html, raw } from 'hono/html'

/** @typedef {import('./reference.mjs').Page} Page */
/** @typedef {{ title: string, pages: readonly Page[] }} Group */

const LANGUAGES = [
  ['ar', 'العربية'],
  ['fr', 'Français'],
  ['en', 'English'],
]
/** What the script says; it has no texts of its own. */
const SPOKEN = ['copy', 'copied', 'try', 'key', 'keyNote', 'body', 'send', 'sending', 'failed', 'badBody']

/**
 * @param {Page} page
 * @param {readonly Group[]} groups
 */
export function layout(page, groups) {
  const spoken = raw(SPOKEN.map((name) => ` data-${kebab(name)}="⟦${name}⟧"`).join(''))
  return `<!doctype html>\n${html`<html lang="⟦lang⟧" dir="⟦dir⟧">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page.title} · ⟦brand⟧</title>
<link rel="stylesheet" href="/static/docs.css">
<script type="module" src="/static/docs.js"></script>
</head>
<body${spoken}>
<a class="skip" href="#content">⟦skip⟧</a>
<header>
<a class="brand" href="/docs⟦query⟧">⟦brand⟧ <span>⟦documentation⟧</span></a>
<nav aria-label="⟦languages⟧">${LANGUAGES.map(([code, name]) => html`<a href="?lang=${code}" lang="${code}" hreflang="${code}">${name}</a>`)}</nav>
<a class="to-pages" href="#pages">⟦navigation⟧</a>
</header>
<div class="columns">
<nav class="pages" id="pages" aria-label="⟦navigation⟧">
${groups.map(({ title, pages }) => html`<p class="group">${title}</p>\n<ul>${pages.map((each) => entry(each, each === page))}</ul>\n`)}
<ul><li><a href="/openapi.json">⟦document⟧</a></li></ul>
</nav>
<main id="content" lang="en" dir="ltr">
${page.content}
</main>
</div>
</body>
</html>
`}`
}

/**
 * @param {Page} page
 * @param {boolean} isShown
 */
function entry({ name, title, items }, isShown) {
  const address = name === 'index' ? '/docs' : `/docs/${name}`
  const inside = isShown && items.length > 0
  return html`<li><a href="${address}⟦query⟧"${isShown ? raw(' aria-current="page"') : ''}>${title}</a>${
    inside
      ? html`<ul>${items.map(({ id, title: label }) => html`<li><a href="#${id}">${label}</a></li>`)}</ul>`
      : ''
  }</li>\n`
}

/** @param {string} name */
function kebab(name) {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
