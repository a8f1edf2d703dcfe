// The documentation's pages: buttons that copy, and calls that can be tried with a sandbox key. All can be read without it.
import { curl } from '/static/curl.js'

const SANDBOX_KEY = /^rsd_test_\S+$/
const COPIED_FOR_MS = 1_500

/** What is said in the reader's language. */
const words = document.body.dataset
/** In memory only: gone with the page. */
let key = ''

for (const block of document.querySelectorAll('pre')) addCopyButton(block)
for (const article of document.querySelectorAll('article[data-tried]')) addTrial(article)

function addCopyButton(block) {
  const button = element('button', { type: 'button', className: 'copy', textContent: words.copy })
  const frame = element('div', { className: 'copied' })
  block.before(frame)
  frame.append(button, block)
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(block.textContent)
    button.textContent = words.copied
    setTimeout(() => {
      button.textContent = words.copy
    }, COPIED_FOR_MS)
  })
}

function addTrial(article) {
  const button = element('button', { type: 'button', textContent: words.try })
  article.querySelector('.copied').after(button)
  button.addEventListener('click', () => button.replaceWith(trialForm(article)))
}

/** Filled with the example; what is typed goes into the curl line as well. */
function trialForm(article) {
  const { dir, lang } = document.documentElement
  const form = element('form', { autocomplete: 'off', dir, lang })
  if (article.dataset.tried !== 'nobody') form.append(...keyField())
  for (const { dataset } of article.querySelectorAll('tr[data-name]'))
    form.append(field(dataset.name, element('input', { name: dataset.name, value: dataset.example })))
  const example = article.querySelector('template')
  if (example)
    form.append(
      field(
        words.body,
        element('textarea', { name: 'body', rows: 8, value: example.content.textContent, dir: 'ltr' }),
      ),
    )
  const answer = element('pre', { hidden: true, ariaLive: 'polite', tabIndex: 0 })
  const alert = element('p')
  alert.setAttribute('role', 'alert')
  form.append(element('button', { className: 'send', textContent: words.send }), alert, answer)
  form.addEventListener('input', () => {
    article.querySelector('.curl code').textContent = curl({
      ...requestOf(article, form),
      url: location.origin + pathOf(article, form),
    })
  })
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    alert.textContent = complaint(form)
    if (alert.textContent === '') void send(article, form, answer)
  })
  return form
}

function keyField() {
  const input = element('input', {
    type: 'password',
    value: key,
    placeholder: 'rsd_test_…',
    dir: 'ltr',
    autocomplete: 'off',
  })
  input.dataset.key = ''
  input.addEventListener('input', () => {
    key = input.value.trim()
  })
  return [field(words.key, input), element('p', { textContent: words.keyNote })]
}

/** Empty when it may be sent. A key of production would move money: it never leaves the page. */
function complaint(form) {
  if (form.querySelector('[data-key]') && !SANDBOX_KEY.test(key)) return words.keyNote
  try {
    if (form.elements.body) JSON.parse(form.elements.body.value)
    return ''
  } catch {
    return words.badBody
  }
}

async function send(article, form, answer) {
  answer.hidden = false
  answer.textContent = words.sending
  const { method, headers, body } = requestOf(article, form)
  try {
    const response = await fetch(pathOf(article, form), { method, headers, body, credentials: 'omit' })
    const text = await response.text()
    answer.textContent = `${response.status}\n\n${inLines(text)}`
  } catch {
    answer.textContent = words.failed
  }
}

function requestOf(article, form) {
  const body = form.elements.body?.value ?? null
  return {
    method: article.dataset.method,
    headers: {
      ...(form.querySelector('[data-key]') ? { 'X-Access-Token': key } : {}),
      ...(body === null ? {} : { 'Content-Type': 'application/json' }),
    },
    body,
  }
}

function pathOf(article, form) {
  const query = new URLSearchParams()
  let path = article.dataset.path
  for (const { dataset } of article.querySelectorAll('tr[data-name]')) {
    const { value } = form.elements[dataset.name]
    if (dataset.in === 'path') path = path.replace(`{${dataset.name}}`, encodeURIComponent(value))
    else if (dataset.in === 'query' && value !== '') query.set(dataset.name, value)
  }
  return path + (query.size > 0 ? `?${query}` : '')
}

function inLines(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

function field(label, input) {
  const frame = element('label')
  frame.append(label, input)
  return frame
}

function element(name, properties = {}) {
  return Object.assign(document.createElement(name), properties)
}
